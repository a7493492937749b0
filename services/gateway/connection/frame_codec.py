"""Decodes the frames of clients strictly, encodes those of the server, and builds frames from the messages of chat.

A frame decodes into one struct of the client's union, or into a `BadFrame` that holds what the refusal needs; only data that is no
JSON object raises. Wrong types, NULs and lone surrogates are refused; unknown fields are ignored.

Every accepted frame is decoded once, by msgspec. Its struct is what the checks read, so no second reading of the bytes can disagree.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from palique.chat.v1 import chat_pb2

from kit.codes import Code
from kit.entry_json import TEXT_LIMIT, author_json
from kit.text.json_depth import MAX_DEPTH, is_too_deep
from kit.text.visible import has_visible_text, strip_bidi_controls
from kit.times import rfc3339
from services.gateway.connection import frames
from services.gateway.connection.frames import ClientFrame, ServerFrame

# Browsers show about as much of a title. Longer addresses are dropped: servers commonly refuse them.
TITLE_LIMIT, URL_LIMIT = 300, 2048
# Longer ids and refs are not sent back in a refusal; no valid one is longer.
_MAX_ECHO = 64

_encoder = msgspec.json.Encoder()


class BadFrame(NamedTuple):
    """A frame that is refused, with what the answer needs."""

    code: Code
    message: str
    client_id: str | None = None
    ref: str | None = None


class NotAFrame(Exception):
    """The data is no JSON object: the client does not speak the protocol."""


class FrameDecoder:
    """Decodes the frames of one kind of client."""

    def __init__(self, union: Any) -> None:
        self._decoder = msgspec.json.Decoder(union)
        self._types = frozenset(str(kind.__struct_config__.tag) for kind in union.__args__)

    def decode(self, data: bytes) -> ClientFrame | BadFrame:
        """The frame, or the reason of its refusal; NotAFrame when it is no JSON object."""
        text = _text(data)
        if is_too_deep(data):
            if not text.lstrip().startswith("{"):
                raise NotAFrame
            return BadFrame(Code.INVALID, f"A frame nests at most {MAX_DEPTH} arrays and objects.")
        try:
            frame = self._decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self._explain(text, error)
        if b"\\u0000" in data and _has_nul(msgspec.to_builtins(frame)):
            return self._refuse(_lenient(text), "A text holds a NUL character.")
        assert isinstance(frame, ClientFrame)  # noqa: S101 - every member of the unions is one
        return frame

    def _explain(self, text: str, error: Exception) -> BadFrame:
        raw = _lenient(text)
        if isinstance(raw.get("type"), str) and raw["type"] not in self._types:
            message = "The server does not know this type of frame."
            return BadFrame(Code.UNKNOWN_TYPE, message, None, _echo(raw, "ref"))
        known = isinstance(error, msgspec.ValidationError)
        return self._refuse(
            raw, str(error)[:200] if known else "A text holds a lone surrogate, or a number is none of JSON's."
        )

    def _refuse(self, raw: Mapping[str, object], reason: str) -> BadFrame:
        return BadFrame(Code.INVALID, reason, _echo(raw, "client_id"), _echo(raw, "ref"))


VISITOR_DECODER = FrameDecoder(frames.VisitorFrame)
AGENT_DECODER = FrameDecoder(frames.AgentFrame)


def encode(frame: ServerFrame | frames.VisitorRow) -> bytes:
    """The JSON of a frame, or of a row that frames will hold."""
    return _encoder.encode(frame)


def text_fault(text: str) -> BadFrame | None:
    """The reason why a message's text cannot be stored; None when it can."""
    if not has_visible_text(text):
        return BadFrame(Code.INVALID, "The text is empty.")
    if len(text) > TEXT_LIMIT:
        return BadFrame(Code.TOO_LARGE, f"The text is longer than {TEXT_LIMIT} characters.")
    return None


def error(code: Code, message: str, ref: str | None = None, retry_ms: int | None = None) -> frames.FrameError:
    """An `error` frame; without a ref or a wait it has no such field."""
    return frames.FrameError(code, message, UNSET if ref is None else ref, UNSET if retry_ms is None else retry_ms)


def conversation_state(state: chat_pb2.Conversation, *, reads: bool = False) -> frames.ConversationState:
    """A conversation as in `welcome` and `queue`; with read marks only where `reads` asks for them."""
    marks = [frames.ReadMark(author_json(mark.reader), mark.seq) for mark in state.reads]
    return frames.ConversationState(
        conversation=state.conversation,
        epoch=state.epoch,
        head=state.head,
        status=state.status,
        visitor=frames.Person(state.visitor.id, state.visitor.name),
        assignee=frames.Person(state.assignee.id, state.assignee.name) if state.HasField("assignee") else None,
        started_by=state.started_by,
        started_at=rfc3339(state.started_at_ms),
        ended_at=rfc3339(state.ended_at_ms) if state.ended_at_ms else None,
        reads=marks if reads else UNSET,
        preview=state.preview or UNSET,
    )


def conversation_changed(state: chat_pb2.Conversation) -> frames.ConversationChanged:
    """The `conversation` frame, for agents."""
    return frames.ConversationChanged(
        **msgspec.structs.asdict(conversation_state(state)),
        last_line=state.last_line or UNSET,
        unanswered_since=rfc3339(state.unanswered_since_ms) if state.unanswered_since_ms else UNSET,
        last_at=rfc3339(state.last_at_ms) if state.last_at_ms else UNSET,
    )


def conversation_reply(ref: str, state: chat_pb2.Conversation, *, reads: bool = False) -> frames.Reply:
    """The `reply` to a request about a conversation."""
    return frames.Reply(ref=ref, ok=True, **msgspec.structs.asdict(conversation_state(state, reads=reads)))


def truncate_page(page: frames.Page | frames.PageView) -> frames.Page:
    """The page within presence's limits. An address that is too long is dropped: a part of it would lead elsewhere."""
    return frames.Page(
        url=page.url if len(page.url) <= URL_LIMIT else "",
        # Without a visible title, readers show the address.
        title=strip_bidi_controls(page.title)[:TITLE_LIMIT] if has_visible_text(page.title) else "",
        referrer=page.referrer if len(page.referrer) <= URL_LIMIT else "",
        front=page.front,
    )


def _text(data: bytes) -> str:
    """NotAFrame when the data is not UTF-8. The decoder skips ignored fields without this check."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise NotAFrame from None


def _lenient(text: str) -> Mapping[str, object]:
    """A refused frame, read for what the refusal sends back, also where it holds what the decoder refuses. NotAFrame when it is no object."""
    try:
        raw = _lenient_json.decode(text)
    except (ValueError, RecursionError):
        raise NotAFrame from None
    if not isinstance(raw, dict):
        raise NotAFrame
    return raw


def _zero(_: str) -> int:
    """Stands for any number: nothing reads it, and Python refuses integers of 4,300 digits."""
    return 0


_lenient_json = json.JSONDecoder(parse_int=_zero, parse_float=_zero, parse_constant=_zero)


def _echo(raw: Mapping[str, object], field: str) -> str | None:
    """A field of a refused frame, when it can be sent back as it is."""
    value = raw.get(field)
    if not isinstance(value, str) or len(value) > _MAX_ECHO:
        return None
    return value if value.isprintable() else None


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(item) for key, item in value.items())
    return isinstance(value, list | tuple) and any(_has_nul(item) for item in value)
