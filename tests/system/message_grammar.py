"""Messages of the contracts for the fuzzers: fields with fitting and other values, and changed bytes."""

from typing import Any, TypeVar

from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from tests.system import weird

MessageT = TypeVar("MessageT", bound=Message)
# What a service could do something with, by the name of a field, and of its message where that matters.
Words = dict[str, tuple[Any, ...]]
NOW_MS = 1_767_225_600_000
NUMBERS = st.one_of(st.sampled_from((0, -1, 2**31 - 1, 2**53, 2**63 - 1, -(2**63))), st.integers(-(2**63), 2**63 - 1))
WEIRD = weird.TEXTS.map(lambda text: text.encode("utf-8", "ignore").decode())


def filled(draw: st.DrawFn, words: Words, message: MessageT, depth: int) -> MessageT:
    """The message with most of its fields set; messages within it down to a depth."""
    for field in message.DESCRIPTOR.fields:
        if field.type == FieldDescriptor.TYPE_MESSAGE and depth <= 0:
            continue
        if field.is_repeated:
            values = getattr(message, field.name)
            for _ in range(draw(st.integers(0, 3))):
                values.append(_value(draw, words, field, depth))
        elif draw(st.integers(0, 4)):  # mostly there
            value = _value(draw, words, field, depth)
            if isinstance(value, Message):
                getattr(message, field.name).CopyFrom(value)
            else:
                setattr(message, field.name, value)
    return message


def bent(draw: st.DrawFn, body: bytes) -> bytes:
    """The bytes of a message: as they are, changed, cut, doubled, or others."""
    how = draw(st.sampled_from(("right", "right", "right", "flipped", "cut", "bytes", "twice")))
    if how == "flipped" and body:
        at = draw(st.integers(0, len(body) - 1))
        return body[:at] + bytes((draw(st.integers(0, 255)),)) + body[at + 1 :]
    if how == "cut":
        return body[: draw(st.integers(0, len(body)))]
    if how == "bytes":
        return draw(st.binary(max_size=80))
    return body + body if how == "twice" else body


def _value(draw: st.DrawFn, words: Words, field: Any, depth: int) -> object:
    """Mostly one that fits the field's name. (The two implementations of descriptors share no type.)"""
    fits = draw(st.integers(0, 11)) > 0
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return filled(draw, words, message_factory.GetMessageClass(field.message_type)(), depth - 1)
    name = f"{field.containing_type.name}.{field.name}"
    fitting = words.get(name) or words.get(field.name)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return draw(st.sampled_from(fitting) if fits and fitting else st.binary(max_size=40))
    if field.type == FieldDescriptor.TYPE_STRING:
        return draw(st.sampled_from(fitting or ("x", "")) if fits else WEIRD)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return draw(st.booleans())
    near = NOW_MS if field.name.endswith("_ms") else draw(st.sampled_from((1, 2, 50)))
    number = near if fits else draw(NUMBERS)
    if field.type == FieldDescriptor.TYPE_INT32:
        return number % 2**31
    if field.type == FieldDescriptor.TYPE_UINT64:
        return number % 2**64
    assert field.type == FieldDescriptor.TYPE_INT64, f"the grammar does not know the type of {field.full_name}"
    return number
