"""JSON objects with several faults at once: bad UTF-8, depth, NUL, lone surrogates, enormous numbers, unknown and repeated fields."""

from collections.abc import Sequence

from hypothesis import strategies as st

_TEXTS = (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"\\x", b"\0", b"x")
_NUMBERS = (b"9" * 5000, b"-" + b"9" * 5000, b"1e999999", b"NaN", b"-Infinity", b"1." + b"0" * 5000, b"tru", b"1")
_NAMES = (b"x", b"y", b"text", b"client_id", b"cursors", b"seq", b"ref", b"type", b"\xff", b"\\u0000")
_VALUES = st.one_of(
    st.sampled_from(_TEXTS).map(lambda text: b'"' + text + b'"'),
    st.sampled_from(_NUMBERS),
    st.sampled_from((15, 16, 17, 500, 900, 1100, 15_000)).map(lambda depth: b"[" * depth + b"]" * depth),
    st.sampled_from((17, 900, 3000)).map(lambda depth: b'{"a":' * depth + b"1" + b"}" * depth),
)


def joined_faults(types: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Objects whose `type` is one of these, with up to five faulty fields."""
    fields = st.lists(st.tuples(st.sampled_from(_NAMES), _VALUES), max_size=5)
    rim = st.sampled_from((b"", b"", b"", b"\xef\xbb\xbf", b"\0", b" "))
    return st.builds(_object, st.sampled_from(types), fields, rim)


def _object(type_: str, fields: Sequence[tuple[bytes, bytes]], rim: bytes) -> bytes:
    body = b"".join(b',"' + name + b'":' + value for name, value in fields)
    return rim + b'{"type":"' + type_.encode() + b'"' + body + b"}" + rim
