"""Contract of bus messages: decodes one, or refuses it. Pure.

A refused message is no better at its next delivery. So a refused fact goes to the dead letters at once, and a refused live message
is dropped.
"""

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

MessageT = TypeVar("MessageT", bound=Message)


class InvalidMessage(Exception):
    """A message that fits no contract. The text is the reason, and repeats nothing of the message."""


def decoded(kind: type[MessageT], body: bytes) -> MessageT:
    """The message, or InvalidMessage: other bytes, a text that is no UTF-8, nesting that is too deep."""
    try:
        return kind.FromString(body)
    except DecodeError:
        raise InvalidMessage(f"The body is no {kind.DESCRIPTOR.name}.") from None


def require(holds: bool, reason: str) -> None:
    """InvalidMessage with the reason when the condition does not hold."""
    if not holds:
        raise InvalidMessage(reason)
