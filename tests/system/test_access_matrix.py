"""Access matrices of the websockets and of gRPC: each frame and each method, by each identity, is answered as a table says.

A frame or method without a row fails. What is refused changes nothing, and no answer holds a text of the people concerned.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.message import Message
from pymongo import MongoClient

from kit.mongo import Document
from kit.rpc.errors import CODE_KEY
from services.gateway.connection import frames
from tests.support.json_object import JsonObject
from tests.support.people import Agent, Visitor, visitor_at
from tests.support.protocol_client import Browser, Client, Closed
from tests.support.responses import ok_json
from tests.support.running import Running
from tests.support.site_records import changed, quiet_records, records_of
from tests.system.access_requests import Ids, frame_of, request_of
from tests.system.second_site import SITE as SECOND
from tests.system.test_fuzz_rpc import METHODS

PREFIX = "palique"
TEXT = "a sentence of these two people"
THEIR_TEXT = "a sentence of the other site"
# The code of a refusal. `may`: answered, and perhaps done. `own`: taken, and concerns the caller's own things only.
FRAMES = """
frame          | other visitor | foreign visitor | foreign agent | visitor      | agent
hello          | invalid       | invalid         | invalid       | invalid      | invalid
send           | not_found     | not_found       | not_found     | may          | may
fetch          | not_found     | not_found       | not_found     | may          | may
read           | not_found     | not_found       | not_found     | may          | may
typing         | not_found     | not_found       | not_found     | may          | may
ping           | own           | own             | own           | may          | may
page           | own           | own             | unknown_type  | may          | unknown_type
profile        | own           | own             | unknown_type  | may          | unknown_type
fields         | own           | own             | unknown_type  | may          | unknown_type
end            | not_found     | not_found       | unknown_type  | may          | unknown_type
note           | unknown_type  | unknown_type    | not_found     | unknown_type | may
watch_visitors | unknown_type  | unknown_type    | own           | unknown_type | may
start_chat     | unknown_type  | unknown_type    | not_found     | unknown_type | may
accept         | unknown_type  | unknown_type    | not_found     | unknown_type | may
release        | unknown_type  | unknown_type    | switched_off  | unknown_type | switched_off
take_over      | unknown_type  | unknown_type    | switched_off  | unknown_type | switched_off
close          | unknown_type  | unknown_type    | not_found     | unknown_type | may
follow         | unknown_type  | unknown_type    | not_found     | unknown_type | may
unfollow       | unknown_type  | unknown_type    | own           | unknown_type | may
name_visitors  | unknown_type  | unknown_type    | own           | unknown_type | may
status         | unknown_type  | unknown_type    | own           | unknown_type | may
"""
# With the token of a site and that site: what the ids of another site's records give. Every other token is refused alike.
RPC = """
method                                       | foreign records
ChatService.Append                           | not_found
ChatService.Start                            | own
ChatService.Accept                           | not_found
ChatService.Close                            | not_found
ChatService.Fetch                            | not_found
ChatService.Sync                             | own
ChatService.GetConversation                  | not_found
ChatService.ListConversations                | own
ChatService.CountOpen                        | own
ChatService.MarkRead                         | not_found
ChatService.SetFlagged                       | not_found
FeedService.Poll                             | own
MailService.GetMailStatus                    | forbidden
MailService.SendMail                         | forbidden
MailService.TestMail                         | forbidden
PresenceService.Report                       | forbidden
PresenceService.RenewLease                   | forbidden
PresenceService.ListOnline                   | own
PresenceService.ListAvailability             | own
PresenceService.GetVisitor                   | not_found
PresenceService.ListVisitors                 | own
PresenceService.FindVisitors                 | own
PresenceService.NameVisitors                 | own
PresenceService.EditVisitor                  | not_found
PresenceService.SetFields                    | own
PresenceService.AddNote                      | not_found
PresenceService.EditNote                     | not_found
RoutingService.Release                       | not_found
RoutingService.TakeOver                      | not_found
RoutingService.RequeueOfAgents               | own
TicketsService.OpenFromConversation          | not_found
TicketsService.CreateTicket                  | own
TicketsService.GetTicket                     | not_found
TicketsService.ListTickets                   | own
TicketsService.ChangeTicket                  | not_found
TicketsService.GetTicketOfConversation       | not_found
TicketsService.AddComment                    | not_found
TicketsService.ListComments                  | not_found
"""


def rows(table: str) -> dict[str, dict[str, str]]:
    head, *lines = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    return {cells[0]: dict(zip(head[1:], cells[1:], strict=True)) for cells in lines}


FRAME_ROWS, RPC_ROWS = rows(FRAMES), rows(RPC)


def test_every_frame_and_every_method_has_a_row() -> None:
    kinds: Iterable[Any] = {*frames.VisitorFrame.__args__, *frames.AgentFrame.__args__}
    assert {kind.__struct_config__.tag for kind in kinds} == set(FRAME_ROWS)
    assert {f"{method.containing_service.name}.{method.name}" for _, method in METHODS} == set(RPC_ROWS)


async def unchanged(running: Running, site: str, ids: Ids, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """The records of the site that name these, once writing has ended; AssertionError when they differ from `before`."""
    with MongoClient[Document](running.mongodb_url) as client:

        def found() -> dict[str, str]:
            records = records_of(client, PREFIX, site)
            return {key: text for key, text in records.items() if any(one in key + text for one in ids)}

        last = await quiet_records(found)
    assert before is None or not changed(dict(before), last), "\n".join(changed(dict(before), last))
    return last


# --- frames


async def answer_to(client: Client, frame: JsonObject, expected: str) -> str:
    """The code of the refusal, the close code, or `taken`. Waits for an expected refusal; a frame without an answer gets two pings."""
    start = len(client.frames)
    await client.say(**frame)
    try:
        answered = [name for name in ("ref", "client_id") if name in frame]
        if answered or expected not in ("own", "may"):
            await client.hear(lambda heard: "code" in heard or _answers(heard, frame, answered), start)
        for _ in range(2):
            position = len(client.frames)
            await client.ping()
            await client.hear_type("pong", position)
    except Closed as closed:
        return str(closed.code)
    codes = [heard["code"] for heard in client.frames[start:] if "code" in heard]
    return str(codes[0]) if codes else "taken"


def _answers(heard: JsonObject, frame: JsonObject, names: Sequence[str]) -> bool:
    return any(heard.get(name) == frame[name] for name in names)


@asynccontextmanager
async def strangers(running: Running, foreign: Browser) -> AsyncIterator[dict[str, Browser]]:
    async with AsyncExitStack() as leaving:
        other = await leaving.enter_async_context(visitor_at(running, 0))
        beyond = await leaving.enter_async_context(visitor_at(running, 0, SECOND))
        yield {"other visitor": other.browser, "foreign visitor": beyond.browser, "foreign agent": foreign}


@asynccontextmanager
async def come(browser: Browser, who: str) -> AsyncIterator[Client]:
    async with browser.as_agent() if who.endswith("agent") else browser.as_visitor() as client:
        yield client


async def test_each_frame_of_each_identity_is_answered_as_the_table_says(
    running: Running, visitor: Visitor, agent: Agent, other_site_agent: Browser
) -> None:
    conversation = (await visitor.client.send(TEXT, None))["conversation"]
    await agent.client.hear_type("conversation", conversation=conversation)
    ticket = ok_json(await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={}))["id"]
    ids = Ids(str(visitor.browser.visitor), conversation, ticket)
    before = await unchanged(running, "demo", ids)
    wrong: list[str] = []

    async def put(who: str, browser: Browser) -> None:
        for tag, row in FRAME_ROWS.items():
            async with come(browser, who) as client:
                found = await answer_to(client, frame_of(tag, ids), row[who])
                if not _fits(found, row[who]):
                    wrong.append(f"{who}, {tag}: {found} instead of {row[who]}")
                if row[who] != "may":
                    assert TEXT not in str(client.frames) or who in ("visitor", "agent"), (who, tag)

    async with strangers(running, other_site_agent) as outside:
        for who, browser in outside.items():
            await put(who, browser)
        await unchanged(running, "demo", ids, before)
    await put("visitor", visitor.browser)
    await put("agent", agent.browser)
    assert not wrong, "\n".join(wrong)


def _fits(found: str, expected: str) -> bool:
    if expected == "may":
        return found not in ("not_found", "forbidden", "unknown_type", "invalid")
    return found == {"own": "taken"}.get(expected, expected)


# --- gRPC


class Caller:
    """Calls any method with any token."""

    def __init__(self, channels: Mapping[str, grpc.aio.Channel]) -> None:
        self._channels = channels

    async def ask(self, service: str, method: Any, request: Message, token: str | None) -> tuple[str, str]:
        """The code, and the answer as text."""
        metadata = () if token is None else (("authorization", f"Bearer {token}"),)
        call: Any = self._channels[service].unary_unary(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=None,
            response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
        )
        try:
            answer = await call(request.SerializeToString(), timeout=20, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            return str(dict(error.trailing_metadata() or ()).get(CODE_KEY)), str(error.details())
        items = getattr(answer, "results", ())
        return (items[0].code if items else "") or "taken", str(answer)


@pytest.fixture
async def caller(running: Running) -> AsyncIterator[Caller]:
    async with AsyncExitStack() as leaving:
        services = {service for service, _ in METHODS}
        opened = {
            one: await leaving.enter_async_context(grpc.aio.insecure_channel(running.grpc(one))) for one in services
        }
        yield Caller(opened)


@pytest.fixture
async def theirs(running: Running, other_site_agent: Browser) -> AsyncIterator[Ids]:
    """Records of the second site. Its visitor stays, so that the end of a visit changes no record meanwhile."""
    async with visitor_at(running, 0, SECOND) as visitor:
        conversation = (await visitor.client.send(THEIR_TEXT, None))["conversation"]
        ticket = ok_json(await other_site_agent.http.post(f"/api/v1/chats/{conversation}/ticket", json={}))["id"]
        yield Ids(str(visitor.browser.visitor), conversation, ticket)


async def test_each_method_refuses_each_wrong_caller_and_changes_nothing(
    running: Running, caller: Caller, theirs: Ids
) -> None:
    tokens: dict[str, str] = json.loads((running.home / "state/tokens.json").read_text())
    before, wrong = await unchanged(running, SECOND, theirs), list[str]()
    # These come last: they make a visitor of this id on the caller's own site, which the others would find.
    for service, method in sorted(METHODS, key=lambda one: one[1].name in ("SetFields", "Start")):
        name = f"{method.containing_service.name}.{method.name}"
        kind = message_factory.GetMessageClass(method.input_type)
        about_theirs = request_of(kind, SECOND, theirs)
        for token in (None, "", "wrong", tokens["gateway"][:-1], tokens["gateway"] + "x"):
            code, _ = await caller.ask(service, method, about_theirs, token)
            assert code == "not_signed_in", (name, token)
        for site in (SECOND, "*", ""):
            code, _ = await caller.ask(service, method, request_of(kind, site, theirs), tokens["integration"])
            assert code == "forbidden", (name, site)
        code, answer = await caller.ask(service, method, request_of(kind, "demo", theirs), tokens["integration"])
        if not _fits(code, RPC_ROWS[name]["foreign records"]):
            wrong.append(f"{name}: {code} instead of {RPC_ROWS[name]['foreign records']} ({answer[:80]})")
        assert THEIR_TEXT not in answer, (name, answer)
    assert not wrong, "\n".join(wrong)
    await unchanged(running, SECOND, theirs, before)


async def test_each_request_of_the_matrix_is_valid(running: Running, caller: Caller, theirs: Ids) -> None:
    """The gateway's token for the site gets answers to the same requests: what is refused above is refused for its caller."""
    tokens: dict[str, str] = json.loads((running.home / "state/tokens.json").read_text())
    for service, method in METHODS:
        kind = message_factory.GetMessageClass(method.input_type)
        code, answer = await caller.ask(service, method, request_of(kind, SECOND, theirs), tokens["gateway"])
        wrong = ("invalid", "forbidden", "not_signed_in", "not_found", "internal")
        assert code not in wrong or method.name == "EditNote", (method.name, code, answer)
