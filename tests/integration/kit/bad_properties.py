"""Properties of an AMQP message that cannot be decoded."""

import struct

from pamqp.commands import Basic

from kit.bus.work_queue import RETRIED_MS


def short(text: bytes) -> bytes:
    return bytes((len(text),)) + text


def table(*pairs: tuple[bytes, bytes]) -> bytes:
    """A field table of names and typed values."""
    body = b"".join(short(name) + value for name, value in pairs)
    return struct.pack(">I", len(body)) + body


def text(value: bytes) -> bytes:
    """A long string in a table."""
    return b"S" + struct.pack(">I", len(value)) + value


def nested(depth: int) -> bytes:
    value = b"V"
    for _ in range(depth):
        value = b"F" + table((b"a", value))
    return value


def flags(*names: str) -> bytes:
    return struct.pack(">H", sum(Basic.Properties.flags[name] for name in names))


PROPERTIES: dict[str, bytes] = {
    "a message id that is no UTF-8": flags("message_id") + short(b"\xff\xfe"),
    "a long message id that is no UTF-8": flags("message_id") + short(b"\xff" * 255),
    "a type that is no UTF-8": flags("message_type") + short(b"\xc3"),
    "a header's name that is no UTF-8": flags("headers") + table((b"\xff", text(b"x"))),
    "a header's value that is no UTF-8": flags("headers") + table((b"a", text(b"\xff"))),
    "a trace that is a table": flags("headers") + table((b"traceparent", b"F" + table((b"a", b"V")))),
    "a header with a NUL": flags("headers") + table((b"a\0b", text(b"\0"))),
    "deep headers": flags("headers") + table((b"a", nested(3000))),
    "a time after the year 9999": flags("timestamp") + struct.pack(">Q", 2**63),
    "a retry time below zero": flags("headers") + table((RETRIED_MS.encode(), b"l" + struct.pack(">q", -(2**62)))),
    "a retry time that is a text": flags("headers") + table((RETRIED_MS.encode(), text(b"never"))),
}
