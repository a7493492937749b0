"""The frames of docs/protocol.md as structs: strict decoding of what browsers send, encoding of what they get.

A frame is decoded into one struct of the kind's union, or into a `Bad` that says what to answer; only what is no JSON object at
all raises. Nothing here is looser than the contract: wrong types, NULs and lone surrogates are refused, unknown fields ignored.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from kit.codes import Code
from kit.entry_json import TEXT_LIMIT
from kit.text.visible import has_visible_text, strip_bidi_controls
from kit.vocabulary import AgentStatus, VisitorState

# Bytes of a frame, both as published and as enforced.
FRAME_LIMIT = 32 * 1024
# Entries of one page of a log.
FETCH_LIMIT = 100
# Rows of one window on the list of visitors.
WINDOW_LIMIT = 200
# Browsers show about as much of a title; addresses are cut where servers commonly refuse them.
TITLE_LIMIT, URL_LIMIT = 300, 2048
# The largest integer that JSON readers agree on.
_SAFE = 2**53 - 1
_DAY_S = 86_400

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Ref = Annotated[str, Meta(max_length=64)]
Seq = Annotated[int, Meta(ge=0, le=_SAFE)]
Epoch = Annotated[int, Meta(ge=0, le=_SAFE)]


class Frame(msgspec.Struct, frozen=True, tag_field="type"):
    """Something that a browser sent."""


class PageIn(msgspec.Struct, frozen=True):
    """A page as the browser names it; cut to size by whoever hands it on."""

    url: str = ""
    title: str = ""
    referrer: str = ""


class CursorIn(msgspec.Struct, frozen=True):
    """How far a client's copy of a log goes. `epoch` is absent in pings."""

    conversation: Id
    seq: Seq
    epoch: Epoch = 0


class Hello(Frame, tag="hello", frozen=True):
    token: str | None = None
    client: str = ""
    page: PageIn | None = None
    cursors: tuple[CursorIn, ...] = ()


class Send(Frame, tag="send", frozen=True):
    client_id: Id
    text: str
    conversation: Id | None = None


class Note(Frame, tag="note", frozen=True):
    client_id: Id
    text: str
    conversation: Id


class Fetch(Frame, tag="fetch", frozen=True):
    ref: Ref
    conversation: Id
    after: Seq
    epoch: Epoch = 0
    limit: Annotated[int, Meta(ge=1, le=FETCH_LIMIT)] = FETCH_LIMIT


class Read(Frame, tag="read", frozen=True):
    conversation: Id
    seq: Seq


class Typing(Frame, tag="typing", frozen=True):
    conversation: Id


class Ping(Frame, tag="ping", frozen=True):
    cursors: tuple[CursorIn, ...] = ()


class Page(Frame, tag="page", frozen=True):
    url: str
    title: str = ""
    referrer: str = ""


class End(Frame, tag="end", frozen=True):
    conversation: Id
    ref: Ref | None = None


class Filter(msgspec.Struct, frozen=True):
    """Which visitors to show; None and "" let all through."""

    text: Annotated[str, Meta(max_length=200)] | None = None
    state: VisitorState | Literal[""] | None = None
    country: Annotated[str, Meta(max_length=2)] | None = None
    # A part of the title or the address of the page that they look at.
    page: Annotated[str, Meta(max_length=200)] | None = None
    min_visits: Annotated[int, Meta(ge=0, le=_SAFE)] | None = None
    min_chats: Annotated[int, Meta(ge=0, le=_SAFE)] | None = None
    # Whole seconds that they have been on this page, and on the site; a day is as long as anybody looks back.
    min_on_page_s: Annotated[int, Meta(ge=0, le=_DAY_S)] | None = None
    min_on_site_s: Annotated[int, Meta(ge=0, le=_DAY_S)] | None = None


SortBy = Literal["since", "name", "state", "region", "page", "page_at", "visits", "chats"]


class WatchVisitors(Frame, tag="watch_visitors", frozen=True):
    limit: Annotated[int, Meta(ge=0, le=WINDOW_LIMIT)]
    sort: SortBy = "since"
    descending: bool = False
    filter: Filter = Filter()
    offset: Annotated[int, Meta(ge=0, le=_SAFE)] = 0


class StartChat(Frame, tag="start_chat", frozen=True):
    ref: Ref
    visitor: Id


class Accept(Frame, tag="accept", frozen=True):
    ref: Ref
    conversation: Id


class CloseChat(Frame, tag="close", frozen=True):
    ref: Ref
    conversation: Id


class Follow(Frame, tag="follow", frozen=True):
    ref: Ref
    conversation: Id


class Unfollow(Frame, tag="unfollow", frozen=True):
    ref: Ref
    conversation: Id


class Status(Frame, tag="status", frozen=True):
    status: AgentStatus


VisitorFrame = Hello | Send | Fetch | Read | Typing | Ping | Page | End
AgentFrame = (
    Hello
    | Send
    | Note
    | Fetch
    | Read
    | Typing
    | Ping
    | WatchVisitors
    | StartChat
    | Accept
    | CloseChat
    | Follow
    | Unfollow
    | Status
)


class Bad(NamedTuple):
    """A frame that is refused, with what the answer needs."""

    code: Code
    message: str
    client_id: str | None = None
    ref: str | None = None


class NotAFrame(Exception):
    """Not a JSON object: whoever sends this does not speak the protocol."""


class FrameDecoder:
    """Decodes the frames of one kind of client."""

    def __init__(self, union: Any) -> None:
        self._decoder = msgspec.json.Decoder(union)
        self._types = frozenset(str(kind.__struct_config__.tag) for kind in union.__args__)

    def decode(self, data: bytes) -> Frame | Bad:
        """The frame, or why not; NotAFrame when it is no JSON object."""
        try:
            frame = self._decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self._explain(data, error)
        if b"\\u0000" in data and _has_nul(json.loads(data)):
            return self._refuse(json.loads(data), "A text holds a NUL character.")
        assert isinstance(frame, Frame)  # noqa: S101 - every member of the unions is one
        return frame

    def _explain(self, data: bytes, error: Exception) -> Bad:
        try:
            raw = json.loads(data)
        except (ValueError, RecursionError):
            raise NotAFrame from None
        if not isinstance(raw, dict):
            raise NotAFrame
        if isinstance(raw.get("type"), str) and raw["type"] not in self._types:
            return Bad(Code.UNKNOWN_TYPE, "The server does not know this type of frame.", None, _text(raw, "ref"))
        known = isinstance(error, msgspec.ValidationError)
        return self._refuse(raw, str(error)[:200] if known else "A text holds a lone surrogate.")

    def _refuse(self, raw: Mapping[str, Any], why: str) -> Bad:
        return Bad(Code.INVALID, why, _text(raw, "client_id"), _text(raw, "ref"))


VISITOR_FRAMES = FrameDecoder(VisitorFrame)
AGENT_FRAMES = FrameDecoder(AgentFrame)


def text_fault(text: str) -> Bad | None:
    """Why a message's text cannot be stored; None when it can."""
    if not text.strip():
        return Bad(Code.INVALID, "The text is empty.")
    if len(text) > TEXT_LIMIT:
        return Bad(Code.TOO_LARGE, f"The text is longer than {TEXT_LIMIT} characters.")
    return None


def _text(raw: Mapping[str, Any], field: str) -> str | None:
    """A short text that can be sent back as it is."""
    value = raw.get(field)
    if not isinstance(value, str) or len(value) > 64:
        return None
    return value if value.isprintable() else None


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_nul(item) for item in value)


_encoder = msgspec.json.Encoder()


class Ack(msgspec.Struct, frozen=True, tag_field="type", tag="ack"):
    client_id: str
    conversation: str
    epoch: int
    seq: int
    at: str
    duplicate: bool


class Nack(msgspec.Struct, frozen=True, tag_field="type", tag="nack"):
    client_id: str
    code: str
    message: str
    retry_ms: int | None


def encode(frame: msgspec.Struct | Mapping[str, Any]) -> bytes:
    """The JSON of a frame."""
    return _encoder.encode(frame)


def error(code: Code, message: str, ref: str | None = None) -> bytes:
    found: dict[str, Any] = {"type": "error", "code": code, "message": message}
    if ref is not None:
        found["ref"] = ref
    return encode(found)


def nack(client_id: str, code: Code, message: str, retry_ms: int | None) -> bytes:
    return encode(Nack(client_id, code, message, retry_ms))


def reply(ref: str, **fields: Any) -> bytes:
    return encode({"type": "reply", "ref": ref, "ok": True, **fields})


def refusal(ref: str, code: Code, message: str) -> bytes:
    return encode({"type": "reply", "ref": ref, "ok": False, "code": code, "message": message})


def stale(conversation: str, head: int) -> bytes:
    return encode({"type": "stale", "conversation": conversation, "head": head})


def reset(conversation: str, epoch: int, head: int) -> bytes:
    return encode({"type": "reset", "conversation": conversation, "epoch": epoch, "head": head})


def pong(heads: Iterable[Mapping[str, Any]]) -> bytes:
    return encode({"type": "pong", "heads": list(heads)})


def cut_to_size(page: PageIn | Page) -> PageIn:
    """Presence keeps only what a link may safely point to."""
    return PageIn(
        url=page.url if len(page.url) <= URL_LIMIT else "",
        # A title that nobody can see is none: readers show the address instead.
        title=strip_bidi_controls(page.title)[:TITLE_LIMIT] if has_visible_text(page.title) else "",
        referrer=page.referrer if len(page.referrer) <= URL_LIMIT else "",
    )
