"""Tickets of conversations, with transcript and visitor from chat and presence (requirement S-51)."""

import asyncio
from collections.abc import Awaitable, Callable

import grpc
import pytest
import structlog
from palique.tickets.v1 import tickets_pb2
from prometheus_client import CollectorRegistry

from kit import mongo
from kit.ids import new_id, now_ms
from services.tickets.app.create import TicketCreation
from services.tickets.app.transcript import TranscriptRefresher
from services.tickets.clients import GrpcClients
from services.tickets.domain.person import Person
from services.tickets.domain.transcript import Line
from services.tickets.metrics import Metrics
from services.tickets.store.store import TicketStore
from tests.integration.tickets.neighbours import AGENT, Neighbours
from tests.integration.tickets.service import ANA, BEN, Service, metadata
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


def texts(ticket: tickets_pb2.Ticket) -> list[tuple[str, str]]:
    return [(line.author.name, line.text) for line in ticket.transcript]


async def test_a_ticket_has_the_transcript_and_the_visitor(replicas: list[Service], neighbours: Neighbours) -> None:
    vera = await neighbours.add_visitor("Vera", "vera@example.com")
    conversation = await neighbours.append(vera, "Hello")
    await neighbours.accept(conversation)
    await neighbours.append(AGENT, "Good day", conversation)
    await neighbours.append(AGENT, "She is in a hurry", conversation, kind="note")
    await neighbours.append(vera, "My lamp is\nbroken", conversation)
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


async def test_a_transcript_has_no_notes(replicas: list[Service], neighbours: Neighbours) -> None:
    """Requirement I-20: notes are for agents only, and a transcript may be sent to the visitor."""
    conversation = await neighbours.append(await neighbours.add_visitor(), "Hello")
    await neighbours.accept(conversation)
    await neighbours.append(AGENT, "secret", conversation, kind="note")
    ticket = (await replicas[0].open(conversation)).ticket
    assert b"secret" not in ticket.SerializeToString()


async def test_a_second_call_returns_the_same_ticket(replicas: list[Service], neighbours: Neighbours) -> None:
    conversation = await neighbours.append(await neighbours.add_visitor("Vera"), "Hello")
    first = await replicas[0].open(conversation)
    changed = await replicas[0].change(first.ticket.ticket, 1, status="solved", subject="Lamp")
    again = await replicas[1].open(conversation, by=BEN)
    assert not again.created
    assert again.ticket.assignee == ANA, "a repeated call assigns nothing"
    assert again.ticket == changed


async def test_a_caller_with_a_token_of_one_site_names_no_assignee(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    """The assignee is the proven caller: an integration that names an agent does not assign a ticket to it."""
    conversation = await neighbours.append(await neighbours.add_visitor(), "Hello")
    request = tickets_pb2.OpenFromConversationRequest(site="acme", conversation=conversation, by=ANA)
    answer = await replicas[0].stub.OpenFromConversation(request, metadata=metadata("partner"), timeout=10)
    assert answer.created
    assert not answer.ticket.HasField("assignee")


async def test_concurrent_calls_return_one_ticket_and_one_of_them_created_it(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    for _ in range(5):
        conversation = await neighbours.append(await neighbours.add_visitor(), "Hello")
        answers = await asyncio.gather(*(replicas[n % 2].open(conversation) for n in range(8)))
        assert len({answer.ticket.ticket for answer in answers}) == 1
        assert len({answer.ticket.number for answer in answers}) == 1
        assert [answer.created for answer in answers].count(True) == 1
    made = sum(replica.metric("palique_tickets_opened_total", origin="conversation") for replica in replicas)
    assert made == 5


async def test_a_missing_conversation_and_another_sites_conversation_are_not_found(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    """Requirement I-18: the answer does not reveal the other site's conversation."""
    conversation = await neighbours.append(await neighbours.add_visitor(), "Hello")
    for site, wanted in (("acme", new_id()), ("other", conversation)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await replicas[0].open(wanted, site=site)
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_visitor_unknown_to_presence_gets_a_ticket(replicas: list[Service], neighbours: Neighbours) -> None:
    """Another system started the conversation for a visitor that never opened the site."""
    stranger = await neighbours.add_visitor()
    stranger.id, stranger.name = new_id(), "Stranger"
    conversation = await neighbours.append(stranger, "Hello")
    ticket = (await replicas[0].open(conversation)).ticket
    assert (ticket.subject, ticket.visitor.name, ticket.visitor_email) == ("Chat with Stranger", "Stranger", "")


async def test_the_close_of_the_conversation_completes_the_transcript(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    vera = await neighbours.add_visitor("Vera")
    conversation = await neighbours.append(vera, "one")
    await neighbours.accept(conversation)
    ticket = (await replicas[0].open(conversation)).ticket
    for text in ("two", "three"):
        await neighbours.append(vera, text, conversation)
    await neighbours.close(conversation)

    async def whole() -> bool:
        found = await replicas[1].get(ticket.ticket)
        return [text for _, text in texts(found)] == ["one", "two", "three"]

    await eventually(whole)
    after = await replicas[1].get(ticket.ticket)
    # A refresh is no change: it must not cause a conflict with an agent's edit.
    assert (after.version, len(after.history)) == (1, 0)


async def test_a_second_call_refreshes_the_transcript_of_an_open_conversation(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    vera = await neighbours.add_visitor("Vera")
    conversation = await neighbours.append(vera, "one")
    first = (await replicas[0].open(conversation)).ticket
    await neighbours.append(vera, "two", conversation)
    again = (await replicas[1].open(conversation)).ticket
    assert again.ticket == first.ticket
    assert [text for _, text in texts(again)] == ["one", "two"]


async def test_a_conversation_longer_than_a_fetch_is_read_whole(
    replicas: list[Service], neighbours: Neighbours
) -> None:
    vera = await neighbours.add_visitor("Vera")
    conversation = await neighbours.append(vera, "0")
    for n in range(1, 300):
        await neighbours.append(vera, str(n), conversation)
    ticket = (await replicas[0].open(conversation)).ticket
    assert [text for _, text in texts(ticket)] == [str(n) for n in range(300)]


class InterruptedClients(GrpcClients):
    """Runs `meanwhile` right after the first read of messages."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def messages(self, site: str, conversation_id: str, after: int) -> tuple[list[Line], int]:
        found = await super().messages(site, conversation_id, after)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return found


async def test_a_conversation_that_closes_while_its_ticket_is_created_is_whole_in_it(
    replicas: list[Service], neighbours: Neighbours, mongodb_url: str, database_prefix: str
) -> None:
    """The fact `chat.closed` is handled before the ticket exists, so it refreshes nothing."""
    vera = await neighbours.add_visitor("Vera")
    conversation = await neighbours.append(vera, "one")

    def handled() -> float:
        return sum(replica.metric("palique_facts_taken_total", outcome="done") for replica in replicas)

    async def end() -> None:
        await neighbours.append(vera, "two", conversation)
        await neighbours.close(conversation)
        await eventually(lambda: handled() == 1)

    clients = InterruptedClients(neighbours.chat, neighbours.presence)
    clients.meanwhile = end
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    store, metrics = TicketStore(client[f"{database_prefix}_tickets"]), Metrics(CollectorRegistry())
    transcripts = TranscriptRefresher(store, clients, metrics=metrics, log=structlog.stdlib.get_logger("test"))
    creation = TicketCreation(
        store, clients, transcripts, post_fact=lambda _: None, new_id=new_id, now=now_ms, metrics=metrics
    )
    ticket, created = await creation.open_from_conversation("acme", conversation, Person("agent", "ana"))
    assert created
    found = await replicas[0].get(ticket.id)
    client.close()
    assert [text for _, text in texts(found)] == ["one", "two"]
