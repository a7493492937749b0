"""Frames as they come from browsers, and bent ones, for fuzzing."""

from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st
from msgspec import inspect

from tests.support.json_faults import joined_faults
from tests.support.json_object import JsonObject
from tests.system import weird
from tests.system.fuzzing import MARK


class Piece(NamedTuple):
    """What is sent, and how: as a text, as bytes, or as a text in fragments."""

    how: Literal["text", "binary", "raw", "fragments"]
    data: bytes


def _of_type(kind: inspect.Type, ids: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    """Values that the struct takes, mostly."""
    if isinstance(kind, inspect.UnionType):
        return st.one_of(*(_of_type(one, ids) for one in kind.types))
    if isinstance(kind, inspect.StructType):
        return _of_struct(kind, ids)
    if isinstance(kind, inspect.VarTupleType):
        return st.lists(_of_type(kind.item_type, ids), max_size=4)
    if isinstance(kind, inspect.LiteralType):
        return st.sampled_from(kind.values)
    if isinstance(kind, inspect.IntType):
        return st.sampled_from((kind.ge or 0, 1, 2, 7, 50, kind.le or 100))
    if isinstance(kind, inspect.BoolType):
        return st.booleans()
    if isinstance(kind, inspect.NoneType):
        return st.none()
    assert isinstance(kind, inspect.StrType)
    return ids


def _of_struct(kind: inspect.StructType, ids: st.SearchStrategy[str]) -> st.SearchStrategy[JsonObject]:
    texts = st.builds(lambda tail: MARK + tail, st.text(max_size=20))
    wanted = {field.encode_name: _of_type(field.type, texts if field.name == "text" else ids) for field in kind.fields}
    tag = {kind.tag_field: st.just(kind.tag)} if kind.tag_field else {}
    needed = {field.encode_name for field in kind.fields if field.required} | set(tag)
    optional = {name: value for name, value in wanted.items() if name not in needed}
    return st.fixed_dictionaries(
        {**tag, **{name: wanted[name] for name in wanted if name in needed}}, optional=optional
    )


def _bent(frame: JsonObject, how: str, key: int, value: object, strange: str) -> JsonObject:
    names = list(frame)
    name = names[key % len(names)]
    if how == "drop":
        return {other: kept for other, kept in frame.items() if other != name}
    return {**frame, (strange if how == "add" else name): value}


def grammar(union: Any, ids: st.SearchStrategy[str]) -> st.SearchStrategy[Piece]:
    """Frames of one kind of client, right ones and bent ones, and what is none."""
    good = st.one_of(*(_of_type(inspect.type_info(kind), ids) for kind in union.__args__))
    bent = st.builds(
        _bent,
        good,
        st.sampled_from(("drop", "add", "set", "set")),
        st.integers(0, 9),
        weird.ANYTHING,
        weird.STRANGE_KEYS,
    )
    texts = st.one_of(good, good, bent, bent, bent, weird.ANYTHING).map(weird.dumps)
    cut = st.builds(lambda text, at: text[: at % (len(text) + 1)], texts, st.integers(0, 400))
    twice = texts.map(lambda text: text[:-1] + "," + text[1:] if len(text) > 2 else text)
    large = st.integers(30_000, 40_000).map(lambda size: weird.dumps({"type": "page", "url": MARK + "x" * size}))
    types = [str(kind.__struct_config__.tag) for kind in union.__args__] + ["nope"]
    return st.one_of(
        joined_faults(types).map(lambda data: Piece("raw", data)),
        texts.map(lambda text: Piece("text", text.encode())),
        texts.map(lambda text: Piece("text", text.encode())),
        texts.map(lambda text: Piece("fragments", text.encode())),
        st.one_of(cut, twice, large).map(lambda text: Piece("text", text.encode())),
        st.one_of(st.binary(max_size=60), texts.map(str.encode)).map(lambda data: Piece("binary", data)),
        st.one_of(st.binary(max_size=60), texts.map(_no_utf8)).map(lambda data: Piece("raw", data)),
    )


def _no_utf8(text: str) -> bytes:
    return text.encode().replace(b'": "', b'": "\xff')
