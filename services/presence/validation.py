"""Checks of requests, and their mapping to events of the domain. Pure: returns the value or raises Refused naming the field.

Ids, times and kinds come from our own gateways: a wrong one is refused. Values from a visitor's browser are cut to bounds or
cleared instead: one odd page must not block the report of a whole site.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from palique.chat.v1 import live_pb2 as chat_pb
from palique.presence.v1 import presence_pb2 as pb

from kit import page_fields as field_limits
from kit.codes import Code, Refused
from kit.text.email import MAX_EMAIL
from kit.text.visible import has_visible_text, strip_bidi_controls
from kit.times import LATEST_MS
from kit.vocabulary import AGENT_STATUSES, CONVERSATION_STATUSES
from services.presence.domain import agent as agent_machine
from services.presence.domain import profile_fields
from services.presence.domain import visitor as visitor_machine
from services.presence.domain.pages import Page
from services.presence.domain.visitor import Chat, ChatChanged, Disconnected, Origin, PageField

# More than a gateway collects in the seconds between two reports.
MAX_EVENTS = 10_000
MAX_URL = 2048
MAX_TITLE = 300
# Real user agents have some 250 characters.
MAX_USER_AGENT = 512
# Names of browsers, systems, devices, regions.
MAX_ORIGIN_FIELD = 100
MAX_PAGE = 100
# 2 MB of rows, of the 8 MiB of a gRPC message.
MAX_ONLINE_PAGE = 5000
# Clocks of servers differ by less. A time outside is a fault and replaced by now.
CLOCK_SLACK_MS = 600_000
# Counts are shown by browsers, whose integers end here.
MAX_COUNT = 2**53 - 1
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_FIELD_KEY = re.compile(rf"[{field_limits.KEY_CHARACTERS}]{{1,{field_limits.MAX_KEY}}}")
_COUNTRY = re.compile(r"([A-Z]{2})?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)

VisitorEvents = dict[str, list[visitor_machine.Event]]
AgentEvents = dict[str, list[agent_machine.Event]]


def record_id(field: str, value: str) -> str:
    if not _ID.fullmatch(value):
        raise Refused(Code.INVALID, f"{field} is not an id of 1 to 64 letters, digits, _ and -.")
    return value


def between(field: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise Refused(Code.INVALID, f"{field} is not between {least} and {most}.")
    return value


def search_text(value: str) -> str:
    if not 1 <= len(value) <= MAX_EMAIL or "\0" in value:
        raise Refused(Code.INVALID, f"text has 1 to {MAX_EMAIL} characters, and no NUL.")
    return value


def page_fields(fields: Sequence[pb.PageField]) -> list[PageField]:
    """The fields of a page in their stored form, a value without visible text as empty. Refused for the first bad one."""
    between("fields", len(fields), 1, field_limits.MAX_FIELDS)
    return [_page_field(item) for item in fields]


def _page_field(item: pb.PageField) -> PageField:
    if not _FIELD_KEY.fullmatch(item.key):
        raise Refused(Code.INVALID, f"key of a field is not 1 to {field_limits.MAX_KEY} letters, digits, _, . and -.")
    value = _cleaned(item.value) if has_visible_text(item.value) else ""
    if len(value) > field_limits.MAX_VALUE:
        raise Refused(Code.INVALID, f"{item.key} has more than {field_limits.MAX_VALUE} characters.")
    return PageField(item.key, value)


def chat_change(fact: chat_pb.Fact) -> tuple[str, str, ChatChanged]:
    """Site, visitor id and change of a fact of chat."""
    state = fact.conversation
    site, visitor_id = record_id("site", state.site), record_id("visitor", state.visitor.id)
    conversation_id = record_id("conversation", state.conversation)
    if state.status not in CONVERSATION_STATUSES:
        raise Refused(Code.INVALID, f"status is none of: {', '.join(CONVERSATION_STATUSES)}.")
    between("at_ms", fact.at_ms, 0, LATEST_MS)
    # The state in the fact may include entries after the fact's own.
    seq = max(between("seq", fact.seq, 1, MAX_COUNT), between("head", state.head, 0, MAX_COUNT))
    chats = between("visitor_chats", fact.visitor_chats, 0, MAX_COUNT)
    return site, visitor_id, ChatChanged(Chat(conversation_id, seq, state.status), chats)


def reported_events(request: pb.ReportRequest, lease_id: str, now: int) -> tuple[VisitorEvents, AgentEvents]:
    """The events by person id, each person's in their order. Refused for the first bad event; then none is applied."""
    if len(request.events) > MAX_EVENTS:
        raise Refused(Code.TOO_LARGE, f"A report holds {MAX_EVENTS} events at most.")
    visitors: defaultdict[str, list[visitor_machine.Event]] = defaultdict(list)
    agents: defaultdict[str, list[agent_machine.Event]] = defaultdict(list)
    for index, item in enumerate(request.events):
        try:
            person_id = record_id("person", item.person)
            record_id("connection", item.connection)
            if (item.WhichOneof("event") or "").startswith("agent_"):
                agents[person_id].append(_agent_event(item, lease_id, now))
            else:
                visitors[person_id].append(_visitor_event(item, lease_id, now))
        except Refused as refused:
            raise Refused(refused.code, f"events[{index}]: {refused.message}") from None
    return visitors, agents


def _visitor_event(item: pb.SocketEvent, lease_id: str, now: int) -> visitor_machine.Event:
    at = _time(item.at_ms, now)
    match item.WhichOneof("event"):
        case "visitor_connected":
            event = item.visitor_connected
            page, origin = _page(event.page, at), _origin(event.origin)
            return visitor_machine.Connected(item.connection, lease_id, at, page, origin, _front_at(event, at))
        case "visitor_navigated":
            moved = item.visitor_navigated
            return visitor_machine.Navigated(item.connection, at, _page(moved.page, at), _front_at(moved, at))
        case "visitor_disconnected":
            return Disconnected(item.connection)
        case _:
            raise Refused(Code.INVALID, "event is missing.")


def _agent_event(item: pb.SocketEvent, lease_id: str, now: int) -> agent_machine.Event:
    match item.WhichOneof("event"):
        case "agent_connected":
            name = profile_fields.name(item.agent_connected.name)
            return agent_machine.AgentConnected(item.connection, lease_id, name)
        case "agent_chose_status":
            status = item.agent_chose_status.status
            if status not in AGENT_STATUSES:
                raise Refused(Code.INVALID, f"status is none of: {', '.join(AGENT_STATUSES)}.")
            return agent_machine.StatusChosen(item.connection, _time(item.at_ms, now), status)
        case _:
            return Disconnected(item.connection)


def _time(at_ms: int, now: int) -> int:
    return at_ms if abs(at_ms - now) <= CLOCK_SLACK_MS else now


def _front_at(event: pb.VisitorConnected | pb.VisitorNavigated, at: int) -> int:
    """At the event's time when the gateway does not report it: one of an earlier release."""
    return min(event.front_at_ms, at) if event.HasField("front_at_ms") else at


def _page(page: pb.Page, at: int) -> Page:
    """At the time of its event: `page.at_ms` is set in answers only."""
    return Page(at, _web_address(page.url), _one_line(page.title, MAX_TITLE), _web_address(page.referrer))


def _web_address(url: str) -> str:
    """An http or https address, which is safe as the target of a link; any other becomes empty."""
    return url if len(url) <= MAX_URL and _WEB.fullmatch(url) else ""


def _origin(origin: pb.Origin) -> Origin:
    if not _COUNTRY.fullmatch(origin.country):
        raise Refused(Code.INVALID, "country is not two capital letters.")
    return Origin(
        ip=_one_line(origin.ip, MAX_ORIGIN_FIELD),
        country=origin.country,
        region=_one_line(origin.region, MAX_ORIGIN_FIELD),
        user_agent=_one_line(origin.user_agent, MAX_USER_AGENT),
        browser=_one_line(origin.browser, MAX_ORIGIN_FIELD),
        os=_one_line(origin.os, MAX_ORIGIN_FIELD),
        device=_one_line(origin.device, MAX_ORIGIN_FIELD),
    )


def _one_line(value: str, limit: int) -> str:
    return _cleaned(value)[:limit]


def _cleaned(value: str) -> str:
    return strip_bidi_controls(_CONTROLS.sub(" ", value)).strip()
