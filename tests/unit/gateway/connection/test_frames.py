"""Frames from browsers are decoded strictly, and whatever comes, there is an answer for it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import Code
from kit.page_fields import MAX_FIELDS, MAX_KEY, MAX_VALUE
from kit.text.json_depth import MAX_DEPTH
from services.gateway.connection.frame_codec import (
    AGENT_DECODER,
    VISITOR_DECODER,
    BadFrame,
    NotAFrame,
    text_fault,
)
from services.gateway.connection.frames import ClientFrame, Fields, PageField, Ping, Send
from tests.support.json_faults import joined_faults
from tests.support.json_object import JsonObject

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
TYPES = st.sampled_from(
    ["hello", "send", "note", "fetch", "read", "typing", "ping", "page", "end", "watch_visitors", "accept", "x"]
)
FIELDS = [
    "client_id",
    "conversation",
    "text",
    "ref",
    "seq",
    "after",
    "limit",
    "epoch",
    "cursors",
    "url",
    "token",
    "filter",
]


@given(TYPES, st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_object_is_a_frame_or_a_refusal(type_: str, fields: JsonObject) -> None:
    data = json.dumps({"type": type_, **fields}).encode()
    for decoder in (VISITOR_DECODER, AGENT_DECODER):
        assert isinstance(decoder.decode(data), ClientFrame | BadFrame)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_frame_or_a_refusal_or_no_frame(data: bytes) -> None:
    with suppress(NotAFrame):
        assert isinstance(VISITOR_DECODER.decode(data), ClientFrame | BadFrame)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b'"hello"', b"\xff", b"nul", b"[" * 30_000])
def test_data_that_is_no_object_is_no_frame(data: bytes) -> None:
    with pytest.raises(NotAFrame):
        VISITOR_DECODER.decode(data)


def test_an_unknown_type_and_one_of_the_other_kind_are_unknown() -> None:
    for data in (b'{"type":"teleport","ref":"r"}', b'{"type":"accept","ref":"r","conversation":"c"}'):
        assert VISITOR_DECODER.decode(data) == BadFrame(
            Code.UNKNOWN_TYPE, "The server does not know this type of frame.", None, "r"
        )


def test_unknown_fields_are_ignored() -> None:
    frame = VISITOR_DECODER.decode(b'{"type":"send","client_id":"a","text":"t","colour":["blue"]}')
    assert frame == Send(client_id="a", text="t")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": 7},
        {"conversation": {"$gt": ""}},
        {"client_id": ""},
        {"client_id": "x" * 65},
        {"client_id": None},
        {"text": ["x"]},
    ],
)
def test_a_wrong_field_is_invalid_and_named(fields: JsonObject) -> None:
    bad = VISITOR_DECODER.decode(json.dumps({"type": "send", "client_id": "a", "text": "t"} | fields).encode())
    assert isinstance(bad, BadFrame)
    assert bad.code is Code.INVALID
    assert next(iter(fields)) in bad.message


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00", "\\ud800x", "\\u0000"])
def test_lone_surrogates_and_nuls_are_invalid_with_their_client_id(escape: str) -> None:
    bad = VISITOR_DECODER.decode(f'{{"type":"send","client_id":"a","text":"{escape}"}}'.encode())
    assert isinstance(bad, BadFrame)
    assert (bad.code, bad.client_id) == (Code.INVALID, "a")


def test_a_nul_inside_a_list_is_invalid() -> None:
    bad = VISITOR_DECODER.decode(rb'{"type":"fields","fields":[{"key":"plan","value":"a\u0000b"}]}')
    assert isinstance(bad, BadFrame)
    assert bad.code is Code.INVALID


def fields_frame(fields: object) -> object:
    return VISITOR_DECODER.decode(json.dumps({"type": "fields", "fields": fields}).encode())


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [{"key": f"k{number}", "value": "x"} for number in range(MAX_FIELDS + 1)],
        [{"key": "plan", "value": "x" * (MAX_VALUE + 1)}],
        *([{"key": key, "value": "x"}] for key in ("", "k" * (MAX_KEY + 1), "two words", "plan\n", "$where", "\u00e9")),
    ],
)
def test_the_gateway_refuses_fields_out_of_bounds_before_presence_does(fields: object) -> None:
    bad = fields_frame(fields)
    assert isinstance(bad, BadFrame)
    assert bad.code is Code.INVALID


def test_fields_at_the_bounds_are_a_frame() -> None:
    keys = [f"{number:02}".ljust(MAX_KEY, "k") for number in range(MAX_FIELDS - 1)]
    fields = [PageField(key, "x" * MAX_VALUE) for key in (*keys, "A-z_0.9")]
    assert fields_frame([{"key": field.key, "value": field.value} for field in fields]) == Fields(tuple(fields))


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert VISITOR_DECODER.decode(rb'{"type":"send","client_id":"a","text":"\\u0000"}') == Send(
        client_id="a", text=r"\u0000"
    )


def test_a_refusal_never_echoes_an_id_that_cannot_be_sent() -> None:
    """A refusal carries the client id of the frame, unless it is a lone surrogate."""
    bad = VISITOR_DECODER.decode(b'{"type":"send","client_id":"\\ud800","text":"t"}')
    assert isinstance(bad, BadFrame)
    assert bad.client_id is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("", Code.INVALID), (" \n\t", Code.INVALID), ("x" * 4001, Code.TOO_LARGE), ("x" * 4000, None), ("ñ", None)],
)
def test_a_text_is_not_empty_and_has_a_limit(text: str, code: Code | None) -> None:
    fault = text_fault(text)
    assert (fault.code if fault else None) == code


@given(joined_faults(["ping", "send", "hello", "fetch", "nope", "note", "watch_visitors"]))
def test_joined_faults_of_encoding_depth_and_numbers_raise_nothing_else(data: bytes) -> None:
    """Each fault alone was answered; two together raised an exception that no caller expected."""
    for decoder in (VISITOR_DECODER, AGENT_DECODER):
        with suppress(NotAFrame):
            assert isinstance(decoder.decode(data), ClientFrame | BadFrame)


@pytest.mark.parametrize("depth", [900, 1100, 15_000, MAX_DEPTH + 1])
def test_a_frame_deeper_than_the_bound_is_refused_also_in_an_ignored_field(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    bad = VISITOR_DECODER.decode(b'{"type":"ping","x":' + nested + b',"y":"\\u0000"}')
    assert isinstance(bad, BadFrame)
    assert "nests" in bad.message


def test_brackets_in_texts_are_not_depth() -> None:
    text = '\\"[[{' * 100 + "\\\\"
    assert isinstance(VISITOR_DECODER.decode(f'{{"type":"send","client_id":"a","text":"{text}"}}'.encode()), Send)
    many = ",".join('{"conversation":"[","seq":1}' for _ in range(200))
    assert isinstance(VISITOR_DECODER.decode(f'{{"type":"ping","cursors":[{many}]}}'.encode()), Ping)


@pytest.mark.parametrize("data", [b'{"type":"ping","x":"\xff","y":"\\u0000"}', b'{"type":"ping","\xff":1}'])
def test_a_frame_is_utf_8_and_json_also_in_ignored_fields(data: bytes) -> None:
    with pytest.raises(NotAFrame):
        VISITOR_DECODER.decode(data)
