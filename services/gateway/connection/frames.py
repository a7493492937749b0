"""All websocket frames of docs/protocol.md as structs, in both directions; `frame_codec` decodes and encodes them.

Generated from this module: `web/client/src/frames.gen.ts` and the frame tables of docs/protocol.md, whose texts are the
docstrings here. A frame's fields are written in the order of its struct. To add a frame: add a struct, and add it to its union.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kit import page_fields
from kit.codes import Code
from kit.entry_json import AuthorJson, EntryJson
from kit.vocabulary import CONVERSATION_STATUSES, VISITOR_STATES, AgentStatus, VisitorState

# Bytes of a frame from a client.
FRAME_LIMIT = 32 * 1024
# Entries of one page of a log.
FETCH_LIMIT = 100
# Rows of one window on the list of visitors.
WINDOW_LIMIT = 200
# The largest integer that all JSON readers agree on.
_SAFE = 2**53 - 1
_DAY_S = 86_400

Id = Annotated[str, Meta(min_length=1, max_length=64)]
# Visitors that one frame asks the names of.
MAX_NAMES = 100
Ref = Annotated[str, Meta(max_length=64)]
# The longest is an e-mail address. Presence checks each field.
ProfileText = Annotated[str, Meta(max_length=254)]
# Ends at the text, also before a last line feed.
FieldKey = Annotated[
    str, Meta(min_length=1, max_length=page_fields.MAX_KEY, pattern=rf"^[{page_fields.KEY_CHARACTERS}]+(?![\s\S])")
]
FieldValue = Annotated[str, Meta(max_length=page_fields.MAX_VALUE)]
Seq = Annotated[int, Meta(ge=0, le=_SAFE)]
Epoch = Annotated[int, Meta(ge=0, le=_SAFE)]


def _one_of(values: Iterable[str]) -> Meta:
    """Values of a text that comes from protobuf: a union for the generators, plain text for Python."""
    return Meta(extra_json_schema={"enum": list(values)})


ConversationStatus = Annotated[str, _one_of(CONVERSATION_STATUSES)]
ChatSide = Annotated[str, _one_of(("visitor", "agent"))]
RowState = Annotated[str, _one_of(VISITOR_STATES)]


# --- from clients


class ClientFrame(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of all frames from a browser."""


class Page(msgspec.Struct, frozen=True):
    """A page of the site. Text that is too long is cut by the gateway."""

    url: str = ""
    title: str = ""
    referrer: str = ""
    front: bool = True


class Cursor(msgspec.Struct, frozen=True):
    """The end of the client's copy of a log. A `ping` needs no `epoch`."""

    conversation: Id
    seq: Seq
    epoch: Epoch = 0


class Hello(ClientFrame, tag="hello", frozen=True):
    """The first frame. Only visitors send `token` and `page`; agents are known by their cookie."""

    token: str | None = None
    client: str = ""
    page: Page | None = None
    cursors: tuple[Cursor, ...] = ()


class Send(ClientFrame, tag="send", frozen=True):
    """A message; the answer is `ack` or `nack`. Without a conversation, a visitor's message goes to their open chat or opens one."""

    client_id: Id
    text: str
    conversation: Id | None = None


class Fetch(ClientFrame, tag="fetch", frozen=True):
    """Asks for the page of a log after the entry `after`; the answer is `entries`."""

    ref: Ref
    conversation: Id
    after: Seq
    epoch: Epoch = 0
    limit: Annotated[int, Meta(ge=1, le=FETCH_LIMIT)] = FETCH_LIMIT


class Read(ClientFrame, tag="read", frozen=True):
    """The person has read the conversation up to `seq`."""

    conversation: Id
    seq: Seq


class Typing(ClientFrame, tag="typing", frozen=True):
    """The person types a message."""

    conversation: Id


class Ping(ClientFrame, tag="ping", frozen=True):
    """Keeps the connection open and compares cursors; the answer is `pong`."""

    cursors: tuple[Cursor, ...] = ()


class PageView(ClientFrame, tag="page", frozen=True):
    """What the visitor's tab shows; sent after a navigation, a change of the title, and when the tab comes to the front."""

    url: str
    title: str = ""
    referrer: str = ""
    front: bool = True


class End(ClientFrame, tag="end", frozen=True):
    """The visitor ends the chat. With a `ref` the answer is `reply`."""

    conversation: Id
    ref: Ref | None = None


class Profile(ClientFrame, tag="profile", frozen=True):
    """The visitor as the page knows them, unsigned: fills only fields that are empty, and opens nothing. No answer, except the refusal of a field."""

    name: ProfileText = ""
    email: ProfileText = ""
    phone: ProfileText = ""


class PageField(msgspec.Struct, frozen=True):
    """A value that the page gives about the visit. An empty value removes the field."""

    key: FieldKey
    value: FieldValue


class Fields(ClientFrame, tag="fields", frozen=True):
    """Values that the page gives about the visit, unsigned: agents see them, and they open nothing. Others stay. No answer, except a refusal."""

    fields: Annotated[tuple[PageField, ...], Meta(min_length=1, max_length=page_fields.MAX_FIELDS)]


class Note(ClientFrame, tag="note", frozen=True):
    """A note that only agents can read; the answer is `ack` or `nack`."""

    client_id: Id
    text: str
    conversation: Id


class VisitorFilter(msgspec.Struct, frozen=True):
    """Selects visitors. An absent field, `null` or `""` selects all. `page` is a part of a title or an address; times are seconds."""

    text: Annotated[str, Meta(max_length=200)] | None = None
    state: VisitorState | Literal[""] | None = None
    country: Annotated[str, Meta(max_length=2)] | None = None
    page: Annotated[str, Meta(max_length=200)] | None = None
    min_visits: Annotated[int, Meta(ge=0, le=_SAFE)] | None = None
    min_chats: Annotated[int, Meta(ge=0, le=_SAFE)] | None = None
    min_on_page_s: Annotated[int, Meta(ge=0, le=_DAY_S)] | None = None
    min_on_site_s: Annotated[int, Meta(ge=0, le=_DAY_S)] | None = None


class WatchVisitors(ClientFrame, tag="watch_visitors", frozen=True):
    """Opens or moves the agent's window on the list of visitors; `limit` 0 closes it. The answer is `visitors`, then `visitors_changed`."""

    limit: Annotated[int, Meta(ge=0, le=WINDOW_LIMIT)]
    sort: Literal["since", "name", "state", "region", "page", "page_at", "visits", "chats"] = "since"
    descending: bool = False
    filter: VisitorFilter = VisitorFilter()
    offset: Annotated[int, Meta(ge=0, le=_SAFE)] = 0
    # The order of names, places and titles is that of the reader's language; an unknown one sorts by base letters. Countries are sorted
    # and found by their names in it, or in English.
    language: Annotated[str, Meta(max_length=35)] = ""


class StartChat(ClientFrame, tag="start_chat", frozen=True):
    """Opens a chat with a visitor, or resumes the open one; the answer is `chat_started`."""

    ref: Ref
    visitor: Id


class Accept(ClientFrame, tag="accept", frozen=True):
    """Assigns a waiting chat to the agent; the answer is `reply`."""

    ref: Ref
    conversation: Id


class Release(ClientFrame, tag="release", frozen=True):
    """Puts the agent's own chat back into the queue; the answer is `reply`. Needs the site's setting `teams`."""

    ref: Ref
    conversation: Id


class TakeOver(ClientFrame, tag="take_over", frozen=True):
    """Assigns the chat of another agent to an administrator; the answer is `reply`. Needs the site's setting `teams`."""

    ref: Ref
    conversation: Id


class CloseChat(ClientFrame, tag="close", frozen=True):
    """Ends a chat; the answer is `reply`."""

    ref: Ref
    conversation: Id


class Follow(ClientFrame, tag="follow", frozen=True):
    """Subscribes to the entries of a conversation of another agent; the answer is `reply`."""

    ref: Ref
    conversation: Id


class NameVisitors(ClientFrame, tag="name_visitors", frozen=True):
    """Asks for the current names of visitors; the answer is `visitor_names`, without unknown visitors."""

    visitors: Annotated[tuple[Id, ...], Meta(max_length=MAX_NAMES)]


class Unfollow(ClientFrame, tag="unfollow", frozen=True):
    """Ends a subscription of `follow`; the answer is `reply`."""

    ref: Ref
    conversation: Id


class Status(ClientFrame, tag="status", frozen=True):
    """Sets the agent's availability."""

    status: AgentStatus


FromBoth = Hello | Send | Fetch | Read | Typing | Ping
FromVisitor = PageView | End | Profile | Fields
FromAgent = (
    Note
    | WatchVisitors
    | StartChat
    | Accept
    | Release
    | TakeOver
    | CloseChat
    | Follow
    | Unfollow
    | Status
    | NameVisitors
)
VisitorFrame = FromBoth | FromVisitor
AgentFrame = FromBoth | FromAgent


# --- from the server


class _Outbound(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of the frames below. `EntryJson` has the same tag field."""


class Person(msgspec.Struct, frozen=True):
    """A visitor or an agent."""

    id: str
    name: str


class Peer(msgspec.Struct, frozen=True):
    """The person that the connection belongs to."""

    kind: ChatSide
    id: str
    name: str


class Limits(msgspec.Struct, frozen=True):
    """Characters of a message, bytes of a frame, entries of a `fetch`."""

    text: int
    frame: int
    fetch: int


class ReadMark(msgspec.Struct, frozen=True):
    """How far a participant has read."""

    reader: AuthorJson
    seq: int


class ConversationState(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation. Only `welcome` and the `reply` to `follow` have `reads`. `preview` is the visitor's first line, while the chat waits."""

    conversation: str
    epoch: int
    head: int
    status: ConversationStatus
    visitor: Person
    assignee: Person | None
    started_by: ChatSide
    started_at: str
    ended_at: str | None
    reads: list[ReadMark] | UnsetType = UNSET
    preview: str | UnsetType = UNSET


class Head(msgspec.Struct, frozen=True):
    """The newest entry of a log."""

    conversation: str
    epoch: int
    head: int


class VisitedPage(msgspec.Struct, frozen=True):
    """The page that a visitor looks at, since `at`."""

    url: str
    title: str
    at: str


class VisitorRow(msgspec.Struct, frozen=True):
    """An online visitor. `fields_version` rises with every change of the page's fields, which `GET /api/v1/visitors/{id}` has."""

    visitor: str
    name: str
    state: RowState
    region: str
    country: str | None
    page: VisitedPage
    visits: int
    chats: int
    since: str
    device: str
    browser: str
    os: str
    fields_version: int | UnsetType = UNSET


# Rows are encoded once and kept so; `encoded` names the struct for the generators.
EncodedRows = list[Annotated[msgspec.Raw, Meta(extra={"encoded": VisitorRow})]]


class Welcome(_Outbound, tag="welcome", frozen=True):
    """The answer to `hello`, with the peer's open conversations (for a visitor, also the newest closed one). Missed entries follow."""

    connection: str
    me: Peer
    heartbeat_ms: int
    limits: Limits
    server_time: str
    conversations: list[ConversationState]


class Ack(_Outbound, tag="ack", frozen=True):
    """The message is stored on a majority of the database. It counts as the entry, which this connection does not get."""

    client_id: str
    conversation: str
    epoch: int
    seq: int
    at: str
    duplicate: bool


class Nack(_Outbound, tag="nack", frozen=True):
    """The message is refused. `retry_ms` null is final; otherwise send it again after this time, with the same `client_id`."""

    client_id: str
    code: Code
    message: str
    retry_ms: int | None


class Entries(_Outbound, tag="entries", frozen=True):
    """The answer to `fetch`."""

    ref: str
    conversation: str
    epoch: int
    items: list[EntryJson]
    head: int
    more: bool


class Stale(_Outbound, tag="stale", frozen=True):
    """Entries up to `head` were not sent; fetch them."""

    conversation: str
    head: int


class Reset(_Outbound, tag="reset", frozen=True):
    """The log was restored from a backup under a higher epoch, perhaps with a lower head: delete the copy and fetch from 0."""

    conversation: str
    epoch: int
    head: int


class ReadUpdate(_Outbound, tag="read", frozen=True):
    """A participant has read up to `seq`."""

    conversation: str
    seq: int
    reader: AuthorJson


class TypingNotice(_Outbound, tag="typing", frozen=True):
    """Another participant types; at most one a second."""

    conversation: str
    who: AuthorJson


class Pong(_Outbound, tag="pong", frozen=True):
    """The answer to `ping`, with only those heads that are ahead of the client's cursors, or of a higher epoch."""

    heads: list[Head]
    server_time: str


class Drain(_Outbound, tag="drain", frozen=True):
    """The gateway stops: connect again at a random moment within this time, then close this connection."""

    within_ms: int


class FrameError(_Outbound, tag="error", frozen=True):
    """A frame was refused. With `retry_ms` it may be sent again after this time."""

    code: Code
    message: str
    ref: str | UnsetType = UNSET
    retry_ms: int | UnsetType = UNSET


class SiteAvailability(_Outbound, tag="site", frozen=True):
    """Sent when it changes: whether an agent is available, and the visitor's place in the queue."""

    online: bool
    queue_position: int | None


class Visitors(_Outbound, tag="visitors", frozen=True):
    """The window, once for each `watch_visitors`. `total` counts the visitors that the filter selects, `online` all."""

    total: int
    online: int
    version: int
    rows: EncodedRows


class VisitorsChanged(_Outbound, tag="visitors_changed", frozen=True):
    """Changes of the window, at most two a second. `remove` and `order` hold ids; `order` is the whole window."""

    total: int
    online: int
    version: int
    upsert: EncodedRows
    remove: list[str]
    order: list[str]


class ChatStarted(_Outbound, tag="chat_started", frozen=True):
    """The answer to `start_chat`."""

    ref: str
    conversation: str
    resumed: bool


class Queue(_Outbound, tag="queue", frozen=True):
    """The chats that wait for an agent: how many, and the oldest of them."""

    waiting: int
    offers: list[ConversationState]


class VisitorNames(_Outbound, tag="visitor_names", frozen=True):
    """Current names of visitors: the answer to `name_visitors`, and sent to all agents of the site when a name changes."""

    visitors: list[Person]


class SiteSettingsChanged(_Outbound, tag="site_settings", frozen=True):
    """The site's settings were written; `GET /api/v1/site` has the rest."""

    enabled: bool
    version: int


class ServicesAway(_Outbound, tag="away", frozen=True):
    """Sent when it changes: which of mongodb, rabbitmq, chat, presence, tickets have not answered for some seconds; empty when all answer."""

    services: list[str]


class ConversationChanged(ConversationState, tag_field="type", tag="conversation", frozen=True, kw_only=True):
    """The state of a conversation of the site changed. `last_line` is of the last message; the visitor waits for an answer since `unanswered_since`.
    `last_at` is the time of the newest entry.
    """

    last_line: str | UnsetType = UNSET
    unanswered_since: str | UnsetType = UNSET
    last_at: str | UnsetType = UNSET


class Reply(_Outbound, tag="reply", frozen=True, kw_only=True):
    """The answer to a request with a `ref` that has no frame of its own: `code` and `message` of a refusal, else the conversation."""

    ref: str
    ok: bool
    code: Code | UnsetType = UNSET
    message: str | UnsetType = UNSET
    # The fields of ConversationState. A struct has one base, and the order of these fields on the wire is fixed.
    conversation: str | UnsetType = UNSET
    epoch: int | UnsetType = UNSET
    head: int | UnsetType = UNSET
    status: ConversationStatus | UnsetType = UNSET
    visitor: Person | UnsetType = UNSET
    assignee: Person | UnsetType | None = UNSET
    started_by: ChatSide | UnsetType = UNSET
    started_at: str | UnsetType = UNSET
    ended_at: str | UnsetType | None = UNSET
    reads: list[ReadMark] | UnsetType = UNSET
    preview: str | UnsetType = UNSET


ToBoth = (
    Welcome
    | Ack
    | Nack
    | EntryJson
    | Entries
    | Stale
    | Reset
    | ReadUpdate
    | TypingNotice
    | Pong
    | Drain
    | FrameError
    | Reply
)
ToVisitor = SiteAvailability
ToAgent = (
    Visitors
    | VisitorsChanged
    | ChatStarted
    | Queue
    | ConversationChanged
    | SiteSettingsChanged
    | ServicesAway
    | VisitorNames
)
ServerFrame = ToBoth | ToVisitor | ToAgent
