"""A visitor's presence: visits, the page now, the state that agents see. Pure: (visitor, event, now) -> visitor.

What must stay true: a visitor is online from the first socket until the linger after the last one, so a reload, a page change and
a second tab are the same visit (I-11). An event that comes again, and one of a connection that has ended, change nothing.
Nothing here touches the profile; nothing in `profile` touches what is here (I-13).
"""

from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kit.ids import visitor_label
from kit.vocabulary import VisitorState
from services.presence.domain import connections as socket_set
from services.presence.domain.connections import Connections
from services.presence.domain.pages import Page, remembered

# Hides a reload and a slow page change; with the sweep and the way here, *gone* shows within 15 s.
LINGER_MS = 10_000
# As long as nobody turns a page: the visitor has gone for coffee.
IDLE_MS = 300_000


class Origin(Struct, frozen=True, omit_defaults=True):
    """Where from and with what. `country` is ISO 3166-1 alpha-2, `region` a name for people."""

    ip: str = ""
    country: str = ""
    region: str = ""
    user_agent: str = ""
    browser: str = ""
    os: str = ""
    device: str = ""


class Online(Struct, frozen=True, omit_defaults=True):
    """A visit under way. `active_at` is when the visitor last did something; with `leaves_at` the last socket is gone."""

    since: int
    active_at: int
    page: Page
    idle: bool
    leaves_at: int | None = None


class Chat(Struct, frozen=True):
    """The visitor's newest conversation, as of its entry `seq`."""

    conversation: str
    seq: int
    status: str


class Writer(NamedTuple):
    """Who writes a note, as `kind` agent, integration or system."""

    kind: str
    id: str
    name: str


class Note(Struct, frozen=True, omit_defaults=True):
    """`version` rises with every edit of the text; with `edited_at`, who made the last one."""

    note: str
    text: str
    author_kind: str
    author: str
    author_name: str
    at: int
    version: int = 1
    edited_at: int = 0
    editor_kind: str = ""
    editor: str = ""
    editor_name: str = ""


class Visitor(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One record a visitor. `writes` counts all its changes; `rev` rises with those of the row, `version` with those of the profile."""

    site: str
    visitor: str
    writes: int = 0
    rev: int = 0
    version: int = 1
    name: str = ""
    email: str = ""
    phone: str = ""
    bio: str = ""
    notes: tuple[Note, ...] = ()
    visits: int = 0
    chats: int = 0
    first_seen: int
    last_seen: int
    sockets: Connections = Connections()
    online: Online | None = None
    origin: Origin = Origin()
    pages: tuple[Page, ...] = ()
    chat: Chat | None = None

    @property
    def key(self) -> str:
        return key_of(self.site, self.visitor)

    @property
    def placeholder(self) -> str:
        """What to call somebody who gave no name."""
        return visitor_label(self.visitor)

    @property
    def state(self) -> VisitorState:
        """What agents see an online visitor do."""
        if self.chat is not None and self.chat.status in _CHAT_STATES:
            return _CHAT_STATES[self.chat.status]
        return "idle" if self.online is not None and self.online.idle else "browsing"


_CHAT_STATES: dict[str, VisitorState] = {"active": "chatting", "waiting": "waiting"}


def key_of(site: str, person: str) -> str:
    """The record's id. Neither part holds a slash."""
    return f"{site}/{person}"


class Connected(Struct, frozen=True):
    connection: str
    lease: str
    at: int
    page: Page
    origin: Origin


class Navigated(Struct, frozen=True):
    connection: str
    at: int
    page: Page


class Disconnected(Struct, frozen=True):
    connection: str


class LeasesLapsed(Struct, frozen=True):
    leases: frozenset[str]


class Tick(Struct, frozen=True):
    """Time went by."""


class ChatTold(Struct, frozen=True):
    """A fact about a conversation of this visitor; `chats` is how many they started so far."""

    chat: Chat
    chats: int


Event = Connected | Navigated | Disconnected | LeasesLapsed | Tick | ChatTold


def step(visitor: Visitor, event: Event, now: int) -> Visitor:
    """The visitor after the event; the same object when nothing changes."""
    match event:
        case Connected():
            return _connected(visitor, event)
        case Navigated():
            return _viewing(visitor, event) if visitor.sockets.has(event.connection) else visitor
        case Disconnected():
            return _with_sockets(visitor, socket_set.ended(visitor.sockets, event.connection), now)
        case LeasesLapsed():
            return _with_sockets(visitor, socket_set.cut(visitor.sockets, event.leases), now)
        case Tick():
            return _ticked(visitor, now)
        case ChatTold():
            return _told(visitor, event)


def newcomer(site: str, visitor: str, at: int) -> Visitor:
    """Somebody never seen before."""
    return Visitor(site=site, visitor=visitor, first_seen=at, last_seen=at)


def _connected(visitor: Visitor, event: Connected) -> Visitor:
    known = visitor.sockets.has(event.connection)
    sockets = socket_set.opened(visitor.sockets, event.connection, event.lease)
    if sockets is visitor.sockets:
        return visitor
    after = replace(visitor, sockets=sockets)
    if known:  # its gateway has a new lease, all else is as it was
        return after
    if after.online is None:
        online = Online(since=event.at, active_at=event.at, page=event.page, idle=False)
        after = replace(after, online=online, visits=visitor.visits + 1)
    else:
        after = replace(after, online=replace(after.online, leaves_at=None))
    return _viewing(replace(after, origin=event.origin), event)


def _viewing(visitor: Visitor, event: Connected | Navigated) -> Visitor:
    """The visitor came to a page; a page older than what they did last is only remembered."""
    if visitor.online is None:
        return visitor
    pages = remembered(visitor.pages, event.page)
    online = visitor.online
    if event.at >= online.active_at:
        page = pages[0] if pages and not event.page.is_blank else online.page
        idle = online.idle and event.at == online.active_at  # told again, it is no new activity
        online = replace(online, active_at=event.at, idle=idle, page=page)
    return _changed(visitor, replace(visitor, pages=pages, online=online, last_seen=max(visitor.last_seen, event.at)))


def _with_sockets(visitor: Visitor, sockets: Connections, now: int) -> Visitor:
    if sockets is visitor.sockets:
        return visitor
    after = replace(visitor, sockets=sockets)
    if sockets.live or after.online is None or after.online.leaves_at is not None:
        return after
    return replace(after, online=replace(after.online, leaves_at=now + LINGER_MS), last_seen=now)


def _ticked(visitor: Visitor, now: int) -> Visitor:
    online = visitor.online
    if online is None:
        return visitor
    if online.leaves_at is not None and online.leaves_at <= now:
        return replace(visitor, online=None, last_seen=now)
    if not online.idle and online.active_at + IDLE_MS <= now:
        return replace(visitor, online=replace(online, idle=True))
    return visitor


def _told(visitor: Visitor, event: ChatTold) -> Visitor:
    """Conversation ids sort by their making and entries by `seq`, so a late or doubled fact is known as such."""
    old = visitor.chat
    newer = old is None or (event.chat.conversation, event.chat.seq) > (old.conversation, old.seq)
    after = replace(visitor, chat=event.chat if newer else old, chats=max(visitor.chats, event.chats))
    return _changed(visitor, after)


def _changed(before: Visitor, after: Visitor) -> Visitor:
    return before if before == after else after
