"""Facts of tickets on the bus: published at least once, across failures of the broker and crashes of the process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aio_pika
import msgspec
import pytest
from palique.tickets.v1 import tickets_pb2
from prometheus_client import CollectorRegistry

from kit import mongo
from kit.bus.exchanges import EVENTS
from kit.codes import Code, Refused
from kit.failpoints import STEPS
from kit.ids import new_id, now_ms
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import Ticket, new_ticket
from services.tickets.domain.transcript import Transcript
from services.tickets.ports import Fact, InsertOutcome
from services.tickets.proto_mapping import fact_of
from services.tickets.store.store import TicketStore
from tests.integration.tickets.neighbours import Neighbours
from tests.integration.tickets.service import Service, running, settings_for
from tests.support.clock import Clock
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow


# Older facts are no longer in the hands of their writer: the sweeper publishes them.
LEFT_MS = 10_000


class FactLog:
    """Every fact about tickets on the bus."""

    def __init__(self) -> None:
        self.received: list[tuple[str, tickets_pb2.TicketFact]] = []

    async def take(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        self.received.append((message.routing_key or "", tickets_pb2.TicketFact.FromString(message.body)))

    def of(self, ticket: str) -> list[tuple[str, int]]:
        """Routing key and version, each once."""
        return sorted({(key, fact.ticket.version) for key, fact in self.received if fact.ticket.ticket == ticket})


@pytest.fixture
async def facts(vhost_url: str) -> AsyncIterator[FactLog]:
    facts = FactLog()
    connection = await aio_pika.connect(vhost_url)
    channel = await connection.channel()
    exchange = await channel.declare_exchange(EVENTS.name, EVENTS.kind, durable=True)
    queue = await channel.declare_queue(exclusive=True)
    await queue.bind(exchange, "ticket.*")
    await queue.consume(facts.take, no_ack=True)
    yield facts
    await connection.close()


def outbox_age(service: Service) -> float:
    return service.metric("palique_outbox_age_seconds")


async def unpublished(store: TicketStore) -> list[Fact]:
    return await store.unpublished(now_ms() + 1000, 100)


@pytest.fixture
async def store(mongodb_url: str, database_prefix: str) -> AsyncIterator[TicketStore]:
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = TicketStore(client[f"{database_prefix}_tickets"])
    await store.ensure_indexes()
    yield store
    client.close()


async def test_every_failpoint_is_reached(
    neighbours: Neighbours, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Each step fails once; still the transcript is whole and both facts are published."""
    # Those of mail have tests of their own (test_mail.py).
    steps = [name for name, step in STEPS.items() if "tickets" in step.services and not name.startswith("mail.")]
    settings = settings_for(
        tmp_path,
        mongodb_url=mongodb_url,
        amqp_url=vhost_url,
        mongodb_prefix=database_prefix,
        chat_addresses=neighbours.chat.addresses,
        presence_addresses=neighbours.presence.addresses,
        mode="development",
        failpoints=";".join(f"{step}=errorx1" for step in steps),
    )
    clock = Clock()
    async with running(settings, clock) as service:

        def unreached() -> list[str]:
            return [s for s in steps if not service.metric("palique_failpoints_total", step=s, action="error")]

        visitor = await neighbours.add_visitor()
        conversation = await neighbours.append(visitor, "Hello")
        ticket = (await service.open(conversation)).ticket.ticket
        await neighbours.close(conversation)
        clock.advance(LEFT_MS)
        await eventually(lambda: unreached() == [], 30)
        await eventually(lambda: service.metric("palique_facts_taken_total", outcome="done") == 1, 30)
        await eventually(lambda: service.metric("palique_facts_published_total", by="sweeper") == 1, 30)
        assert [line.text for line in (await service.get(ticket)).transcript] == ["Hello"]


async def test_creation_and_change_are_published_with_the_state_at_that_version(
    tickets: Service, facts: FactLog, store: TicketStore
) -> None:
    made = await tickets.create("c1", text="long story")
    changed = await tickets.change(made.ticket, 1, status="solved")
    await eventually(lambda: facts.of(made.ticket) == [("ticket.changed", 2), ("ticket.opened", 1)])
    for message, state in ((made, "opened"), (changed, "changed")):
        del message.transcript[:], message.history[:]
        assert tickets_pb2.TicketFact(kind=state, ticket=message) in [fact for _, fact in facts.received]

    async def all_published() -> bool:
        return await unpublished(store) == []

    await eventually(all_published)


async def test_a_call_without_a_change_publishes_nothing(tickets: Service, facts: FactLog) -> None:
    made = await tickets.create("c1")
    await tickets.create("c1")
    await tickets.change(made.ticket, 1, status="open")
    last = await tickets.create("c2")
    await eventually(lambda: facts.of(last.ticket))
    assert len(facts.received) == 2


async def test_without_the_broker_tickets_are_written_and_their_facts_published_later(
    facts: FactLog, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Failure F3: the broker is unreachable."""
    async with Proxy.before(vhost_url) as proxy:
        through = proxy.through(vhost_url)
        settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=through, mongodb_prefix=database_prefix)
        clock = Clock()
        async with running(settings, clock) as service:
            proxy.black_hole()
            made = await asyncio.wait_for(service.create("c1"), 2)
            await service.change(made.ticket, 1, status="solved")
            await service.change(made.ticket, 2, status="closed")
            assert facts.received == []
            clock.advance(LEFT_MS)
            proxy.reset()
            proxy.heal()
            expected = [("ticket.changed", 2), ("ticket.changed", 3), ("ticket.opened", 1)]
            await eventually(lambda: facts.of(made.ticket) == expected)
            await eventually(lambda: outbox_age(service) == 0)


async def test_more_than_a_hundred_changes_with_the_broker_away_are_all_published(
    facts: FactLog, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """The sweeper of a later process publishes every version: no bound on the document drops an unpublished fact."""
    away = "amqp://guest:guest@127.0.0.1:9/"
    settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=away, mongodb_prefix=database_prefix)
    async with running(settings) as service:
        made = await service.create("c1")
        for version in range(1, 121):
            await service.change(made.ticket, version, subject=f"Lamp {version}")
    settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=vhost_url, mongodb_prefix=database_prefix)
    async with running(settings):
        expected = sorted([("ticket.opened", 1), *(("ticket.changed", version) for version in range(2, 122))])
        await eventually(lambda: facts.of(made.ticket) == expected)


async def test_a_ticket_with_too_many_unpublished_facts_refuses_changes_and_drops_none(
    mongodb_url: str, database_prefix: str
) -> None:
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = TicketStore(client[f"{database_prefix}_tickets"], max_unpublished=3)
    await store.ensure_indexes()
    ticket = a_ticket()
    versions = [Fact(ticket.id, version, "changed", ticket.updated_at_ms + version, b"") for version in range(1, 5)]
    assert await store.insert(ticket, versions[0]) is InsertOutcome.DONE
    for fact in versions[1:3]:
        assert await store.change(msgspec.structs.replace(ticket, version=fact.version), (), fact)
    fourth = msgspec.structs.replace(ticket, version=4)
    with pytest.raises(Refused) as refused:
        await store.change(fourth, (), versions[3])
    assert (refused.value.code, refused.value.retry_ms) == (Code.OVERLOADED, 5000)
    assert await unpublished(store) == versions[:3]
    assert not await store.change(
        msgspec.structs.replace(ticket, version=3), (), versions[2]
    )  # an old version: a conflict
    await store.mark_published(versions[0])
    assert await store.change(fourth, (), versions[3])
    assert await unpublished(store) == versions[1:]
    client.close()


def a_ticket(**fields: Any) -> Ticket:
    given = {
        "site": "acme",
        "ticket_id": new_id(),
        "number": 1,
        "subject": "Lamp",
        "priority": "normal",
        "by": Person("agent", "ana"),
        "now_ms": now_ms() - 60_000,
        "transcript": Transcript(),
    }
    return new_ticket(**{**given, **fields})


async def test_a_fact_left_by_a_crashed_process_is_published_by_the_next(
    facts: FactLog, store: TicketStore, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """The process wrote the ticket and crashed before the publish."""
    left = a_ticket()
    assert await store.insert(left, fact_of("opened", left)) is InsertOutcome.DONE
    settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=vhost_url, mongodb_prefix=database_prefix)
    async with running(settings):
        await eventually(lambda: facts.of(left.id) == [("ticket.opened", 1)])


async def test_only_the_published_version_is_cleared(store: TicketStore) -> None:
    ticket = a_ticket()
    first = fact_of("opened", ticket)
    await store.insert(ticket, first)
    second = Fact(ticket.id, 2, "changed", ticket.updated_at_ms + 1, b"second")
    assert await store.change(msgspec.structs.replace(ticket, version=2), (), second)
    await store.mark_published(first)
    await store.mark_published(first)
    assert await unpublished(store) == [second]
    await store.mark_published(second)
    assert await unpublished(store) == []


async def test_the_sweeper_looks_at_unpublished_facts_only(
    store: TicketStore, mongodb_url: str, database_prefix: str
) -> None:
    """Requirement I-28: a sweep per second costs next to nothing, also with millions of tickets."""
    for number in range(1, 51):
        ticket = a_ticket(number=number)
        await store.insert(ticket, fact_of("opened", ticket))
        if number != 7:
            await store.mark_published(fact_of("opened", ticket))
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    wanted = {"facts.at_ms": {"$gt": 0, "$lt": now_ms()}}
    database = client[f"{database_prefix}_tickets"]
    plan = await database.command(
        {"explain": {"find": "tickets", "filter": wanted, "sort": {"facts.at_ms": 1}}, "verbosity": "executionStats"}
    )
    client.close()
    assert plan["executionStats"]["totalDocsExamined"] == 1
    assert len(await unpublished(store)) == 1
