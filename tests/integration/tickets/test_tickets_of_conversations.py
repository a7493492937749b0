"""S-51: the ticket of a conversation, made from what chat and presence know."""

import asyncio
from collections.abc import Awaitable, Callable

import grpc
import pytest
import structlog
from palique.tickets.v1 import tickets_pb2
from prometheus_client import CollectorRegistry

from kit import mongo
from kit.ids import new_id, now_ms
from services.tickets.app.tickets import App
from services.tickets.clients import GrpcSources
from services.tickets.domain.ticket import Line, Person
from services.tickets.metrics import Metrics
from services.tickets.store.store import MongoStore
from tests.integration.tickets.neighbours import AGENT, Neighbours
from tests.integration.tickets.service import BEN, Service
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


def texts(ticket: tickets_pb2.Ticket) -> list[tuple[str, str]]:
    return [(line.author.name, line.text) for line in ticket.transcript]


async def test_a_ticket_has_the_transcript_and_the_visitor(replicas: list[Service], neighbours: Neighbours) -> None:
    vera = await neighbours.meet("Vera", "vera@example.com")
    conversation = await neighbours.say(vera, "Hello")
    await neighbours.accept(conversation)
    await neighbours.say(AGENT, "Good day", conversation)
    await neighbours.say(AGENT, "She is in a hurry", conversation, kind="note")
    await neighbours.say(vera, "My lamp is\nbroken", conversation)
    await neighbours.close(conversation)

    answer = await replicas[0].open(conversation)
    ticket = answer.ticket
    assert answer.created
    assert (ticket.number, ticket.status, ticket.priority, ticket.conversation) == (1, "open", "normal", conversation)
    assert (ticket.visitor.id, ticket.visitor.name) == (vera.id, "Vera")
    assert ticket.visitor_email == "vera@example.com"
    assert ticket.subject == "Chat with Vera"
    assert texts(ticket) == [("Visitor", "Hello"), ("Ana", "Good day"), ("Visitor", "My lamp is\nbroken")]
    seqs = [line.seq for line in ticket.transcript]
    assert seqs == sorted(set(seqs))
    assert ticket.transcript_from == 1
    assert ticket.transcript_to >= seqs[-1]


async def test_notes_do_not_get_into_a_ticket(replicas: list[Service], neighbours: Neighbours) -> None:
    """I-20: a transcript may be sent to the visitor one day."""
    conversation = await neighbours.say(await neighbours.meet(), "Hello")
    await neighbours.accept(conversation)
    await neighbours.say(AGENT, "secret", conversation, kind="note")
    ticket = (await replicas[0].open(conversation)).ticket
    assert b"secret" not in ticket.SerializeToString()


async def test_a_second_click_opens_the_same_ticket(replicas: list[Service], neighbours: Neighbours) -> None:
    conversation = await neighbours.say(await neighbours.meet("Vera"), "Hello")
    first = await replicas[0].open(conversation)
    changed = await replicas[0].change(first.ticket.ticket, 1, status="solved", subject="Lamp")
    again = await replicas[1].open(conversation, by=BEN)
    assert not again.created
    assert again.ticket == changed


async def test_two_who_click_at_once_get_one_ticket_and_one_made_it(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    for _ in range(5):
        conversation = await neighbours.say(await neighbours.meet(), "Hello")
        answers = await asyncio.gather(*(replicas[n % 2].open(conversation) for n in range(8)))
        assert len({answer.ticket.ticket for answer in answers}) == 1
        assert len({answer.ticket.number for answer in answers}) == 1
        assert [answer.created for answer in answers].count(True) == 1
    made = sum(replica.metric("palique_tickets_opened_total", origin="conversation") for replica in replicas)
    assert made == 5


async def test_a_conversation_that_is_not_there_has_no_ticket(replicas: list[Service], neighbours: Neighbours) -> None:
    """I-18: of another site is the same as not there."""
    conversation = await neighbours.say(await neighbours.meet(), "Hello")
    for site, wanted in (("acme", new_id()), ("other", conversation)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await replicas[0].open(wanted, site=site)
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_visitor_who_never_came_has_a_ticket_too(replicas: list[Service], neighbours: Neighbours) -> None:
    """Started by another system: presence knows nothing of them."""
    stranger = await neighbours.meet()
    stranger.id, stranger.name = new_id(), "Stranger"
    conversation = await neighbours.say(stranger, "Hello")
    ticket = (await replicas[0].open(conversation)).ticket
    assert (ticket.subject, ticket.visitor.name, ticket.visitor_email) == ("Chat with Stranger", "Stranger", "")


async def test_the_transcript_follows_to_the_end_when_the_conversation_closes(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    vera = await neighbours.meet("Vera")
    conversation = await neighbours.say(vera, "one")
    await neighbours.accept(conversation)
    ticket = (await replicas[0].open(conversation)).ticket
    for text in ("two", "three"):
        await neighbours.say(vera, text, conversation)
    await neighbours.close(conversation)

    async def whole() -> bool:
        found = await replicas[1].get(ticket.ticket)
        return [text for _, text in texts(found)] == ["one", "two", "three"]

    await eventually(whole)
    after = await replicas[1].get(ticket.ticket)
    # Nobody changed the ticket: who edits it meanwhile must not be told so.
    assert (after.version, len(after.history)) == (1, 0)


async def test_a_click_on_an_open_conversation_brings_the_transcript_up_to_date(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    vera = await neighbours.meet("Vera")
    conversation = await neighbours.say(vera, "one")
    first = (await replicas[0].open(conversation)).ticket
    await neighbours.say(vera, "two", conversation)
    again = (await replicas[1].open(conversation)).ticket
    assert again.ticket == first.ticket
    assert [text for _, text in texts(again)] == ["one", "two"]


async def test_a_long_conversation_is_read_page_by_page(replicas: list[Service], neighbours: Neighbours) -> None:
    vera = await neighbours.meet("Vera")
    conversation = await neighbours.say(vera, "0")
    for n in range(1, 300):
        await neighbours.say(vera, str(n), conversation)
    ticket = (await replicas[0].open(conversation)).ticket
    assert [text for _, text in texts(ticket)] == [str(n) for n in range(300)]


class Interrupted(GrpcSources):
    """Reads as the service does; right after the first reading, `meanwhile` happens."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def messages(self, site: str, conversation: str, after: int) -> tuple[list[Line], int]:
        found = await super().messages(site, conversation, after)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return found


async def test_a_conversation_that_closes_while_its_ticket_is_made_is_whole_in_it(
    replicas: list[Service], neighbours: Neighbours, mongodb_url: str, database_prefix: str
) -> None:
    """The fact of the closing is handled before there is a ticket to refresh."""
    vera = await neighbours.meet("Vera")
    conversation = await neighbours.say(vera, "one")

    def handled() -> float:
        return sum(replica.metric("palique_facts_taken_total", outcome="done") for replica in replicas)

    async def end() -> None:
        await neighbours.say(vera, "two", conversation)
        await neighbours.close(conversation)
        await eventually(lambda: handled() == 1)

    sources = Interrupted(neighbours.chat, neighbours.presence)
    sources.meanwhile = end
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    app = App(
        MongoStore(client, f"{database_prefix}_tickets"),
        sources,
        tell=lambda _: None,
        new_id=new_id,
        now=now_ms,
        metrics=Metrics(CollectorRegistry()),
        log=structlog.stdlib.get_logger("test"),
    )
    ticket, created = await app.open_from_conversation("acme", conversation, Person("agent", "ana"))
    assert created
    found = await replicas[0].get(ticket.ticket)
    client.close()
    assert [text for _, text in texts(found)] == ["one", "two"]
