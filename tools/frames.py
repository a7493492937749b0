"""Generates from the gateway's frames: web/client/src/frames.gen.ts and the frame tables of docs/protocol.md."""

import inspect
from collections.abc import Iterator
from typing import Any, get_args

from msgspec import inspect as msg
from msgspec import structs

from services.gateway.connection import frames

# Title of a table, its frames from clients, its frames from the server.
SECTIONS = (
    ("Both kinds", get_args(frames.FromBoth), get_args(frames.ToBoth)),
    ("Visitors", get_args(frames.FromVisitor), (frames.ToVisitor,)),
    ("Agents", get_args(frames.FromAgent), get_args(frames.ToAgent)),
)
FROM_CLIENTS = [frame for _, sent, _ in SECTIONS for frame in sent]
FROM_SERVER = [frame for _, _, received in SECTIONS for frame in received]
# A bound below this is a rule of the protocol; one above only keeps integers exact.
EXACT_BOUND = 2**53 - 1


def typescript() -> str:
    """frames.gen.ts: an interface per struct, and the unions ClientFrame and ServerFrame."""
    lines = ["// Generated from services/gateway/connection/frames.py by `make generate`."]
    shapes = _shapes()
    for struct in shapes:
        lines += _interface(struct, tagged=False)
    for struct in (*FROM_CLIENTS, *FROM_SERVER):
        if struct not in shapes:
            lines += _interface(struct, tagged=True)
    for name, union in (("ClientFrame", FROM_CLIENTS), ("ServerFrame", FROM_SERVER)):
        members = [f'({{ type: "{tag(one)}" }} & {_name(one)})' if one in shapes else _name(one) for one in union]
        lines += ["", f"export type {name} =", *(f"\t| {member}" for member in members)]
        lines[-1] += ";"
    return "\n".join([*lines, ""])


def markdown() -> list[str]:
    """The tables of docs/protocol.md, as lines."""
    lines: list[str] = []
    for title, sent, received in SECTIONS:
        lines += ["", f"### {title}", "", "| Direction | Frame | Meaning |", "| --- | --- | --- |"]
        lines += [_row(arrow, frame) for arrow, group in (("→", sent), ("←", received)) for frame in group]
    lines += ["", "### Shapes in frames", "", "| Shape | Fields | Meaning |", "| --- | --- | --- |"]
    lines += [
        f"| {_name(one)} | `{{{_fields(one)}}}` | {meaning(one)} |" for one in _shapes() if one not in FROM_SERVER
    ]
    return lines


def _interface(struct: type, *, tagged: bool) -> list[str]:
    lines = ["", f"/** {meaning(struct)} */", f"export interface {_name(struct)} {{"]
    if tagged:
        lines.append(f'\ttype: "{tag(struct)}";')
    for field, optional in fields_of(struct):
        lines.append(f"\t{field.encode_name}{'?' if optional else ''}: {_in_typescript(_value(struct, field))};")
    return [*lines, "}"]


def _row(arrow: str, frame: type) -> str:
    fields = ",".join(part for part in (f'"type":"{tag(frame)}"', _fields(frame)) if part)
    return f"| {arrow} | `{{{fields}}}` | {meaning(frame)} |"


def _fields(struct: type) -> str:
    parts = []
    for field, optional in fields_of(struct):
        shown = _in_markdown(_value(struct, field))
        parts.append(f'"{field.encode_name}"{"?" if optional else ""}{":" + shown if shown else ""}')
    return ",".join(parts).replace("|", "\\|")


def fields_of(struct: type) -> Iterator[tuple[msg.Field, bool]]:
    """The fields, and whether each may be absent."""
    info = msg.type_info(struct)
    assert isinstance(info, msg.StructType)  # noqa: S101 - the unions hold structs alone
    for field in info.fields:
        yield field, not field.required


def _value(struct: type, field: msg.Field) -> msg.Type:
    """The type of a field on the wire: where the server leaves out a default, `null` never appears."""
    found = field.type
    if struct.__struct_config__.omit_defaults and isinstance(found, msg.UnionType):  # type: ignore[attr-defined] # of every msgspec.Struct
        present = [one for one in found.types if not isinstance(one, msg.NoneType)]
        return present[0] if len(present) == 1 else structs.replace(found, types=tuple(present))
    return found


def _in_typescript(value: msg.Type) -> str:
    match _simplified(value):
        case msg.UnionType(types=types):
            return " | ".join(_in_typescript(one) for one in types)
        case msg.ListType(item_type=item) | msg.VarTupleType(item_type=item):
            inner = _in_typescript(item)
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        case msg.LiteralType(values=values):
            return " | ".join(f'"{one}"' for one in values)
        case msg.StructType(cls=cls):
            return _name(cls)
        case msg.IntType():
            return "number"
        case msg.BoolType():
            return "boolean"
        case msg.NoneType():
            return "null"
        case _:
            return "string"


def _in_markdown(value: msg.Type) -> str:
    """Plain texts and whole numbers show no type; the field names show which."""
    match _simplified(value):
        case msg.UnionType(types=types):
            present = "|".join(shown for one in types if (shown := _in_markdown(one)) and shown != "null")
            return f"{present or '…'} or null" if any(isinstance(one, msg.NoneType) for one in types) else present
        case msg.ListType(item_type=item) | msg.VarTupleType(item_type=item):
            return f"[{_in_markdown(item) or 'text'}…]"
        case msg.LiteralType(values=values):
            return "|".join(f'"{one}"' for one in values)
        case msg.StructType(cls=cls):
            return _name(cls)
        case msg.IntType(le=bound) if bound is not None and bound < EXACT_BOUND:
            return f"≤{bound}"
        case msg.BoolType():
            return "bool"
        case msg.NoneType():
            return "null"
        case _:
            return ""


def _simplified(value: msg.Type) -> msg.Type:
    """Without its metadata, which names the values of a text and the struct of a row that is encoded already."""
    if not isinstance(value, msg.Metadata):
        return value
    if value.extra and "encoded" in value.extra:
        return msg.type_info(value.extra["encoded"])
    if value.extra_json_schema and "enum" in value.extra_json_schema:
        return msg.LiteralType(tuple(value.extra_json_schema["enum"]))
    return value.type


def _shapes() -> list[type]:
    """The structs inside frames, in the order of their first use, each after those that it holds."""
    nested = (
        shape
        for frame in (*FROM_CLIENTS, *FROM_SERVER)
        for field, _ in fields_of(frame)
        for shape in _inside(field.type)
    )
    return list(dict.fromkeys(nested))


def _inside(value: msg.Type) -> Iterator[type]:
    match _simplified(value):
        case msg.UnionType(types=types):
            for one in types:
                yield from _inside(one)
        case msg.ListType(item_type=item) | msg.VarTupleType(item_type=item):
            yield from _inside(item)
        case msg.StructType(cls=cls):
            for field, _ in fields_of(cls):
                yield from _inside(field.type)
            yield cls


def _name(struct: type) -> str:
    return struct.__name__.removesuffix("Json")


def tag(struct: Any) -> str:
    return str(struct.__struct_config__.tag)


def meaning(struct: type) -> str:
    """The docstring as one line."""
    text = inspect.getdoc(struct)
    assert text, f"{struct.__name__} has no docstring"  # noqa: S101 - stops the generator
    return " ".join(text.split())
