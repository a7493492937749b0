"""Between the contract's messages and the domain: everything that comes in is checked here, once.

Ids, times and kinds are made by our own gateways, so a wrong one is refused. What a visitor's browser says of itself is cut to
bounds instead: one strange page must not hold up the report of a whole site.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from palique.presence.v1 import presence_pb2 as pb

from kit.codes import Code, Refused
from kit.vocabulary import AGENT_STATUSES
from services.presence.domain import agent as agents
from services.presence.domain import validation
from services.presence.domain import visitor as visitors
from services.presence.domain.agent import Agent
from services.presence.domain.pages import Page
from services.presence.domain.visitor import Note, Origin, Visitor
from services.presence.domain.visitor_row import row_of

# What one gateway gathers in seconds at its very worst; the rest of a report comes with the next.
EVENTS_LIMIT = 10_000
URL_LIMIT = 2048
TITLE_LIMIT = 300
# Real user agents have some 250.
USER_AGENT_LIMIT = 512
# Names of browsers, systems, devices, regions.
WORD_LIMIT = 100
# Clocks of servers differ by less; a time further off is a mistake and becomes now.
CLOCK_SLACK_MS = 600_000
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_COUNTRY = re.compile(r"([A-Z]{2})?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)

VisitorEvents = dict[str, list[visitors.Event]]
AgentEvents = dict[str, list[agents.Event]]


def checked_id(value: str, field: str) -> str:
    """The id, or Refused(invalid) that names the field."""
    if not _ID.fullmatch(value):
        raise Refused(Code.INVALID, f"{field} is not an id of 1 to 64 letters, digits, _ and -.")
    return value


def reported(request: pb.ReportRequest, lease: str, now: int) -> tuple[VisitorEvents, AgentEvents]:
    """The events by person, each person's in their order. Refused(invalid) names the first bad one, and nothing is applied."""
    if len(request.events) > EVENTS_LIMIT:
        raise Refused(Code.TOO_LARGE, f"A report holds {EVENTS_LIMIT} events at most.")
    of_visitor: defaultdict[str, list[visitors.Event]] = defaultdict(list)
    of_agent: defaultdict[str, list[agents.Event]] = defaultdict(list)
    for index, item in enumerate(request.events):
        try:
            person = checked_id(item.person, "person")
            checked_id(item.connection, "connection")
            if _is_of_agent(item):
                of_agent[person].append(_agent_event(item, lease, now))
            else:
                of_visitor[person].append(_visitor_event(item, lease, now))
        except Refused as refused:
            raise Refused(refused.code, f"events[{index}]: {refused.message}") from None
    return of_visitor, of_agent


def row_message(visitor: Visitor) -> pb.VisitorRow | None:
    """None: not online."""
    row = row_of(visitor)
    if row is None:
        return None
    return pb.VisitorRow(
        visitor=row.visitor,
        rev=visitor.rev,
        name=row.name,
        state=row.state,
        region=row.region,
        country=row.country,
        page=_page_message(row.page),
        visits=row.visits,
        chats=row.chats,
        since_ms=row.since,
        device=row.device,
        browser=row.browser,
        os=row.os,
    )


def visitor_message(visitor: Visitor) -> pb.Visitor:
    """All of a visitor, as far as it was read."""
    online = visitor.online
    return pb.Visitor(
        site=visitor.site,
        visitor=visitor.visitor,
        version=visitor.version,
        name=visitor.name,
        placeholder=visitor.placeholder,
        email=visitor.email,
        phone=visitor.phone,
        bio=visitor.bio,
        notes=map(_note_message, visitor.notes),
        visits=visitor.visits,
        chats=visitor.chats,
        first_seen_ms=visitor.first_seen,
        last_seen_ms=visitor.last_seen,
        online=online is not None,
        state=visitor.state if online is not None else "",
        since_ms=online.since if online is not None else 0,
        origin=_origin_message(visitor.origin),
        pages=map(_page_message, visitor.pages),
    )


def availability_message(agent: Agent) -> pb.AgentAvailability:
    return pb.AgentAvailability(
        agent=agent.agent, name=agent.name, status=agent.status, connected=agent.connected, rev=agent.rev
    )


def availability_messages(found: Iterable[Agent]) -> list[pb.AgentAvailability]:
    return [availability_message(agent) for agent in found]


def _is_of_agent(item: pb.SocketEvent) -> bool:
    return (item.WhichOneof("event") or "").startswith("agent_")


def _visitor_event(item: pb.SocketEvent, lease: str, now: int) -> visitors.Event:
    at = _time(item.at_ms, now)
    match item.WhichOneof("event"):
        case "visitor_connected":
            event = item.visitor_connected
            return visitors.Connected(item.connection, lease, at, _page(event.page, at), _origin(event.origin))
        case "visitor_navigated":
            return visitors.Navigated(item.connection, at, _page(item.visitor_navigated.page, at))
        case "visitor_disconnected":
            return visitors.Disconnected(item.connection)
        case _:
            raise Refused(Code.INVALID, "event is missing.")


def _agent_event(item: pb.SocketEvent, lease: str, now: int) -> agents.Event:
    match item.WhichOneof("event"):
        case "agent_connected":
            return agents.AgentConnected(item.connection, lease, validation.name(item.agent_connected.name))
        case "agent_chose_status":
            status = item.agent_chose_status.status
            if status not in AGENT_STATUSES:
                raise Refused(Code.INVALID, f"status is none of: {', '.join(AGENT_STATUSES)}.")
            return agents.ChoseStatus(item.connection, _time(item.at_ms, now), status)
        case _:
            return visitors.Disconnected(item.connection)


def _time(at_ms: int, now: int) -> int:
    return at_ms if abs(at_ms - now) <= CLOCK_SLACK_MS else now


def _page(page: pb.Page, at: int) -> Page:
    """At the time of its event: the page's own field is for answers."""
    return Page(at, _web_address(page.url), _one_line(page.title, TITLE_LIMIT), _web_address(page.referrer))


def _web_address(url: str) -> str:
    """Only what a link may safely point to."""
    return url if len(url) <= URL_LIMIT and _WEB.fullmatch(url) else ""


def _origin(origin: pb.Origin) -> Origin:
    if not _COUNTRY.fullmatch(origin.country):
        raise Refused(Code.INVALID, "country is not two capital letters.")
    return Origin(
        ip=_one_line(origin.ip, WORD_LIMIT),
        country=origin.country,
        region=_one_line(origin.region, WORD_LIMIT),
        user_agent=_one_line(origin.user_agent, USER_AGENT_LIMIT),
        browser=_one_line(origin.browser, WORD_LIMIT),
        os=_one_line(origin.os, WORD_LIMIT),
        device=_one_line(origin.device, WORD_LIMIT),
    )


def _one_line(value: str, limit: int) -> str:
    return _CONTROLS.sub(" ", value).strip()[:limit]


def _page_message(page: Page) -> pb.Page:
    return pb.Page(url=page.url, title=page.title, referrer=page.referrer, at_ms=page.at)


def _note_message(note: Note) -> pb.Note:
    return pb.Note(
        note=note.note,
        text=note.text,
        author_kind=note.author_kind,
        author=note.author,
        author_name=note.author_name,
        at_ms=note.at,
        version=note.version,
        edited_at_ms=note.edited_at,
        editor_kind=note.editor_kind,
        editor=note.editor,
        editor_name=note.editor_name,
    )


def _origin_message(origin: Origin) -> pb.Origin:
    return pb.Origin(
        ip=origin.ip,
        country=origin.country,
        region=origin.region,
        user_agent=origin.user_agent,
        browser=origin.browser,
        os=origin.os,
        device=origin.device,
    )
