"""A visitor's state machine: visits, current page, state in the list. Pure: (visitor, event, now) -> visitor.

Invariants: a visitor is online from the first connection until the linger after the last one. So a reload, a page change and a
second tab belong to one visit (requirement I-11). A repeated event and an event of an ended connection change nothing. Events do
not change the profile, and `domain.profile` does not change the rest (requirement I-13).
"""

from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from kit.ids import visitor_label
from kit.vocabulary import VisitorState
from services.presence.domain.connections import (
    Connection,
    Connections,
    with_ended,
    with_opened,
    with_tab,
    without_leases,
)
from services.presence.domain.pages import Page, stored_page, with_page

# Covers a reload and a slow page change. With the sweep and the delivery, a visitor that left disappears within 15 s.
LINGER_MS = 10_000
# Time without a new page after which a visitor is idle.
IDLE_MS = 300_000


class Origin(Struct, frozen=True, omit_defaults=True):
    """Address, location and browser. `country` is ISO 3166-1 alpha-2, `region` a readable name."""

    ip: str = ""
    country: str = ""
    region: str = ""
    user_agent: str = ""
    browser: str = ""
    os: str = ""
    device: str = ""


class Online(Struct, frozen=True, omit_defaults=True):
    """The current visit. `active_at` is the last activity; `leaves_at` is set while there is no connection."""

    since: int
    active_at: int
    page: Page
    idle: bool
    leaves_at: int | None = None


class Chat(Struct, frozen=True):
    """The visitor's newest conversation, as of its entry `seq`."""

    conversation_id: str = field(name="conversation")
    seq: int
    status: str


class Person(NamedTuple):
    """Author or editor of a note. `kind` is agent, integration or system."""

    kind: str
    id: str
    name: str


class Note(Struct, frozen=True, omit_defaults=True):
    """`version` rises with every edit of the text. `edited_at` and the editor are those of the last edit."""

    id: str = field(name="note")
    text: str
    author_kind: str
    author_id: str = field(name="author")
    author_name: str
    at: int
    version: int = 1
    edited_at: int = 0
    editor_kind: str = ""
    editor_id: str = field(name="editor", default="")
    editor_name: str = ""


class PageField(Struct, frozen=True):
    """A value that the site's page gives about the visit, unsigned."""

    key: str
    value: str


class Visitor(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One record a visitor. `writes` counts all changes, `rev` rises with those of the row, `version` with those of the profile,
    `fields_version` with those of the page's fields.
    """

    site: str
    id: str = field(name="visitor")
    writes: int = 0
    rev: int = 0
    version: int = 1
    name: str = ""
    email: str = ""
    phone: str = ""
    bio: str = ""
    notes: tuple[Note, ...] = ()
    fields: tuple[PageField, ...] = ()
    fields_version: int = 0
    visits: int = 0
    chats: int = 0
    first_seen: int
    last_seen: int
    connections: Connections = field(name="sockets", default=Connections())
    online: Online | None = None
    origin: Origin = Origin()
    pages: tuple[Page, ...] = ()
    chat: Chat | None = None

    @property
    def key(self) -> str:
        return record_key(self.site, self.id)

    @property
    def placeholder(self) -> str:
        """The label of a visitor without a name."""
        return visitor_label(self.id)

    @property
    def state(self) -> VisitorState:
        """State in the list of online visitors: an open chat comes before idle."""
        if self.chat is not None and self.chat.status in _CHAT_STATES:
            return _CHAT_STATES[self.chat.status]
        return "idle" if self.online is not None and self.online.idle else "browsing"


_CHAT_STATES: dict[str, VisitorState] = {"active": "chatting", "waiting": "waiting"}


def record_key(site: str, person_id: str) -> str:
    """The `_id` of the record of a visitor or agent. Neither part contains a slash."""
    return f"{site}/{person_id}"


class Connected(Struct, frozen=True):
    """`front_at` is when the tab was last in front, 0 for never."""

    connection_id: str
    lease_id: str
    at: int
    page: Page
    origin: Origin
    front_at: int


class Navigated(Struct, frozen=True):
    """A tab shows another page, its title changed, or it came to the front. The connection is its tab."""

    connection_id: str
    at: int
    page: Page
    front_at: int


class Disconnected(Struct, frozen=True):
    connection_id: str


class LeasesLapsed(Struct, frozen=True):
    lease_ids: frozenset[str]


class Tick(Struct, frozen=True):
    """Time has passed: applies what is due now."""


class ChatChanged(Struct, frozen=True):
    """A fact of a conversation. `chats` is the count of conversations that the visitor has started."""

    chat: Chat
    chats: int


Event = Connected | Navigated | Disconnected | LeasesLapsed | Tick | ChatChanged


def apply_event(visitor: Visitor, event: Event, now: int) -> Visitor:
    """The visitor after the event; the same object when nothing changes."""
    match event:
        case Connected():
            return _connected(visitor, event)
        case Navigated():
            return _with_view(visitor, event)
        case Disconnected():
            return _with_connections(visitor, with_ended(visitor.connections, event.connection_id), now)
        case LeasesLapsed():
            return _with_connections(visitor, without_leases(visitor.connections, event.lease_ids), now)
        case Tick():
            return _ticked(visitor, now)
        case ChatChanged():
            return _chat_changed(visitor, event)


def new_visitor(site: str, visitor_id: str, at: int) -> Visitor:
    return Visitor(site=site, id=visitor_id, first_seen=at, last_seen=at)


def _connected(visitor: Visitor, event: Connected) -> Visitor:
    was_live = visitor.connections.is_live(event.connection_id)
    connections = with_opened(visitor.connections, event.connection_id, event.lease_id)
    if connections is visitor.connections:
        return visitor
    after = replace(visitor, connections=connections)
    if was_live:  # its gateway reports it again under a new lease
        return after
    if after.online is None:
        online = Online(since=event.at, active_at=event.at, page=event.page, idle=False)
        after = replace(after, online=online, visits=visitor.visits + 1)
    else:
        after = replace(after, online=replace(after.online, leaves_at=None))
    return _with_view(replace(after, origin=event.origin), event)


def _with_view(visitor: Visitor, event: Connected | Navigated) -> Visitor:
    """Records what a tab shows. The list has the page of the tab in front; a report that is older than the tab's last changes nothing."""
    tab, online = visitor.connections.find(event.connection_id), visitor.online
    if tab is None or online is None or event.at < tab.at:
        return visitor
    known = tab.page if tab.page is not None and tab.page.url == event.page.url else None
    page = event.page if known is None else replace(event.page, at=known.at)
    pages = with_page(visitor.pages, page)
    shown = tab.page if page.is_blank else stored_page(pages, page)
    connections = with_tab(visitor.connections, _after_view(tab, event, shown))
    online = replace(online, page=connections.page_in_front or online.page)
    # A title that follows, or changes by itself, is no activity.
    retitled = known is not None and known.title != page.title
    if event.at >= online.active_at and not retitled:
        idle = online.idle and event.at == online.active_at  # a repeated event is no new activity
        online = replace(online, active_at=event.at, idle=idle)
    last_seen = max(visitor.last_seen, event.at)
    after = replace(visitor, connections=connections, pages=pages, online=online, last_seen=last_seen)
    return _unless_equal(visitor, after)


def _after_view(tab: Connection, event: Connected | Navigated, page: Page | None) -> Connection:
    return replace(tab, at=event.at, page=page, front_at=max(tab.front_at, event.front_at))


def _with_connections(visitor: Visitor, connections: Connections, now: int) -> Visitor:
    if connections is visitor.connections:
        return visitor
    after = replace(visitor, connections=connections)
    if after.online is not None:
        after = replace(after, online=replace(after.online, page=connections.page_in_front or after.online.page))
    if connections.live or after.online is None or after.online.leaves_at is not None:
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


def _chat_changed(visitor: Visitor, event: ChatChanged) -> Visitor:
    """Ignores a late or repeated fact: conversation ids sort by time of creation, and entries by `seq`."""
    old = visitor.chat
    newer = old is None or (event.chat.conversation_id, event.chat.seq) > (old.conversation_id, old.seq)
    after = replace(visitor, chat=event.chat if newer else old, chats=max(visitor.chats, event.chats))
    return _unless_equal(visitor, after)


def _unless_equal(before: Visitor, after: Visitor) -> Visitor:
    return before if before == after else after
