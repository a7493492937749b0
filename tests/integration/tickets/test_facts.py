"""What tickets says on the bus: at least once, whatever happens to the broker or to the process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
from services.tickets.domain.ticket import Person, Ticket, Transcript, opened
from services.tickets.ports import Fact, Insert
from services.tickets.proto_mapping import fact_body
from services.tickets.store.store import MongoStore
from tests.integration.tickets.neighbours import Neighbours
from tests.integration.tickets.service import Service, running, settings_for
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow


class Ear:
    """Everything that is said about tickets."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tickets_pb2.TicketFact]] = []

    async def take(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        self.heard.append((message.routing_key or "", tickets_pb2.TicketFact.FromString(message.body)))

    def of(self, ticket: str) -> list[tuple[str, int]]:
        """Routing key and version, each once."""
        return sorted({(key, fact.ticket.version) for key, fact in self.heard if fact.ticket.ticket == ticket})


@pytest.fixture
async def ear(vhost_url: str) -> AsyncIterator[Ear]:
    ear = Ear()
    connection = await aio_pika.connect(vhost_url)
    channel = await connection.channel()
    exchange = await channel.declare_exchange(EVENTS.name, EVENTS.kind, durable=True)
    queue = await channel.declare_queue(exclusive=True)
    await queue.bind(exchange, "ticket.*")
    await queue.consume(ear.take, no_ack=True)
    yield ear
    await connection.close()


def pending(service: Service) -> float:
    return service.metric("palique_outbox_age_seconds")


async def unpublished(store: MongoStore) -> list[Fact]:
    return await store.unpublished(now_ms() + 1000, 100)


@pytest.fixture
async def store(mongodb_url: str, database_prefix: str) -> AsyncIterator[MongoStore]:
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = MongoStore(client, f"{database_prefix}_tickets")
    await store.prepare()
    yield store
    client.close()


async def test_every_failpoint_is_reached(
    neighbours: Neighbours, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """The transcript is whole and both facts are told although each step fails once."""
    steps = [name for name, step in STEPS.items() if "tickets" in step.services]
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
    async with running(settings) as service:

        def unreached() -> list[str]:
            return [s for s in steps if not service.metric("palique_failpoints_total", step=s, action="error")]

        visitor = await neighbours.meet()
        conversation = await neighbours.say(visitor, "Hello")
        ticket = (await service.open(conversation)).ticket.ticket
        await neighbours.close(conversation)
        await eventually(lambda: unreached() == [], 30)
        await eventually(lambda: service.metric("palique_facts_taken_total", outcome="done") == 1, 30)
        await eventually(lambda: service.metric("palique_facts_published_total", by="sweeper") == 1, 30)
        assert [line.text for line in (await service.get(ticket)).transcript] == ["Hello"]


async def test_making_and_changing_are_told_with_the_state_at_that_version(
    tickets: Service, ear: Ear, store: MongoStore
) -> None:
    made = await tickets.create("c1", text="long story")
    changed = await tickets.change(made.ticket, 1, status="solved")
    await eventually(lambda: ear.of(made.ticket) == [("ticket.changed", 2), ("ticket.opened", 1)])
    for message, state in ((made, "opened"), (changed, "changed")):
        del message.transcript[:], message.history[:]
        assert tickets_pb2.TicketFact(kind=state, ticket=message) in [fact for _, fact in ear.heard]

    async def settled() -> bool:
        return await unpublished(store) == []

    await eventually(settled)


async def test_what_changes_nothing_is_not_told(tickets: Service, ear: Ear) -> None:
    made = await tickets.create("c1")
    await tickets.create("c1")
    await tickets.change(made.ticket, 1, status="open")
    last = await tickets.create("c2")
    await eventually(lambda: ear.of(last.ticket))
    assert len(ear.heard) == 2


async def test_with_the_broker_gone_tickets_go_on_and_are_told_later(
    ear: Ear, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """F3."""
    parts = urlsplit(vhost_url)
    async with Proxy(parts.hostname or "", parts.port or 0) as proxy:
        through = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}").geturl()
        settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=through, mongodb_prefix=database_prefix)
        async with running(settings) as service:
            proxy.black_hole()
            made = await asyncio.wait_for(service.create("c1"), 2)
            await service.change(made.ticket, 1, status="solved")
            await service.change(made.ticket, 2, status="closed")
            assert ear.heard == []
            proxy.reset()
            proxy.heal()
            expected = [("ticket.changed", 2), ("ticket.changed", 3), ("ticket.opened", 1)]
            await eventually(lambda: ear.of(made.ticket) == expected)
            await eventually(lambda: pending(service) == 0)


async def test_more_than_a_hundred_changes_with_the_broker_away_are_all_published(
    ear: Ear, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
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
        await eventually(lambda: ear.of(made.ticket) == expected)


async def test_a_ticket_with_too_many_unpublished_facts_refuses_changes_and_drops_none(
    mongodb_url: str, database_prefix: str
) -> None:
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = MongoStore(client, f"{database_prefix}_tickets", max_unpublished=3)
    await store.prepare()
    ticket = a_ticket()
    facts = [Fact(ticket.ticket, version, "changed", ticket.updated_at_ms + version, b"") for version in range(1, 5)]
    assert await store.insert(ticket, facts[0]) is Insert.DONE
    for fact in facts[1:3]:
        assert await store.change(msgspec.structs.replace(ticket, version=fact.version), (), fact)
    fourth = msgspec.structs.replace(ticket, version=4)
    with pytest.raises(Refused) as refused:
        await store.change(fourth, (), facts[3])
    assert (refused.value.code, refused.value.retry_ms) == (Code.OVERLOADED, 5000)
    assert await unpublished(store) == facts[:3]
    assert not await store.change(
        msgspec.structs.replace(ticket, version=3), (), facts[2]
    )  # an old version: a conflict
    await store.published(facts[0])
    assert await store.change(fourth, (), facts[3])
    assert await unpublished(store) == facts[1:]
    client.close()


def a_ticket(**fields: Any) -> Ticket:
    given = {
        "site": "acme",
        "ticket": new_id(),
        "number": 1,
        "subject": "Lamp",
        "priority": "normal",
        "by": Person("agent", "ana"),
        "now_ms": now_ms() - 60_000,
        "transcript": Transcript(),
    }
    return opened(**{**given, **fields})


def fact_of(ticket: Ticket) -> Fact:
    return Fact(ticket.ticket, ticket.version, "opened", ticket.updated_at_ms, fact_body("opened", ticket))


async def test_what_a_process_died_with_is_told_by_the_next(
    ear: Ear, store: MongoStore, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """The ticket was written, and nobody was told."""
    left = a_ticket()
    assert await store.insert(left, fact_of(left)) is Insert.DONE
    settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=vhost_url, mongodb_prefix=database_prefix)
    async with running(settings):
        await eventually(lambda: ear.of(left.ticket) == [("ticket.opened", 1)])


async def test_only_the_published_version_is_cleared(store: MongoStore) -> None:
    ticket = a_ticket()
    first = fact_of(ticket)
    await store.insert(ticket, first)
    second = Fact(ticket.ticket, 2, "changed", ticket.updated_at_ms + 1, b"second")
    assert await store.change(msgspec.structs.replace(ticket, version=2), (), second)
    await store.published(first)
    await store.published(first)
    assert await unpublished(store) == [second]
    await store.published(second)
    assert await unpublished(store) == []


async def test_the_sweeper_looks_at_unpublished_facts_only(
    store: MongoStore, mongodb_url: str, database_prefix: str
) -> None:
    """I-28: with millions of tickets a sweep a second must cost nothing."""
    for number in range(1, 51):
        ticket = a_ticket(number=number)
        await store.insert(ticket, fact_of(ticket))
        if number != 7:
            await store.published(fact_of(ticket))
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    wanted = {"facts.at_ms": {"$gt": 0, "$lt": now_ms()}}
    database = client[f"{database_prefix}_tickets"]
    plan = await database.command(
        {"explain": {"find": "tickets", "filter": wanted, "sort": {"facts.at_ms": 1}}, "verbosity": "executionStats"}
    )
    client.close()
    assert plan["executionStats"]["totalDocsExamined"] == 1
    assert len(await unpublished(store)) == 1
