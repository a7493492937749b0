"""Unique indexes of tickets: each refused insert names its index, and the use case acts on exactly that one."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry

from kit import mongo
from kit.ids import new_id, now_ms
from services.tickets.app.tickets import App
from services.tickets.domain.ticket import Line, Person, Ticket, Transcript, opened
from services.tickets.metrics import Metrics
from services.tickets.ports import Conversation, Fact, Insert, Visitor
from services.tickets.store.store import MongoStore

ANA, BEN = Person("agent", "ana", "Ana"), Person("agent", "ben", "Ben")


def a_ticket(**fields: Any) -> Ticket:
    given = {"site": "acme", "ticket": new_id(), "number": 1, "subject": "Lamp", "priority": "normal", "by": ANA}
    return opened(**{**given, "now_ms": now_ms(), "transcript": Transcript(whole=True), **fields})


def fact_of(ticket: Ticket) -> Fact:
    return Fact(ticket.ticket, ticket.version, "opened", ticket.updated_at_ms, b"")


class RacedStore(MongoStore):
    """Inserts `rival` right before the first insert of the use case: the other caller wins the race."""

    rival: Ticket | None = None
    inserts: list[Insert]
    look_ups = 0

    async def insert(self, ticket: Ticket, fact: Fact) -> Insert:
        if self.rival is not None:
            rival, self.rival = self.rival, None
            assert await super().insert(rival, fact_of(rival)) is Insert.DONE
        self.inserts.append(await super().insert(ticket, fact))
        return self.inserts[-1]

    async def of_conversation(self, site: str, conversation: str) -> Ticket | None:
        self.look_ups += 1
        return await super().of_conversation(site, conversation)

    async def of_client_id(self, site: str, author: Person, client_id: str) -> Ticket | None:
        self.look_ups += 1
        return await super().of_client_id(site, author, client_id)


class ClosedConversations:
    """Sources without other services: every conversation exists, is empty and has ended."""

    async def conversation(self, site: str, conversation: str) -> Conversation:
        return Conversation(Person("visitor", f"{site}-{conversation}", "Vera"), head=0, closed=True)

    async def messages(self, site: str, conversation: str, after: int) -> tuple[list[Line], int]:
        assert (site, conversation, after) == ("acme", "k1", 0)
        return [], after

    async def visitor(self, site: str, visitor: str) -> Visitor | None:
        return Visitor(name="Vera", placeholder="Visitor VERA", email=f"{visitor}@{site}.example")


@pytest.fixture
async def store(mongodb_url: str, database_prefix: str) -> AsyncIterator[RacedStore]:
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = RacedStore(client, f"{database_prefix}_tickets")
    store.inserts = []
    await store.prepare()
    yield store
    client.close()


@pytest.fixture
def app(store: RacedStore) -> App:
    return App(
        store,
        ClosedConversations(),
        tell=lambda _: None,
        new_id=new_id,
        now=now_ms,
        metrics=Metrics(CollectorRegistry()),
        log=structlog.stdlib.get_logger("test"),
    )


async def create(app: App) -> Ticket:
    return await app.create(
        site="acme",
        client_id="c1",
        subject="Lamp",
        text="",
        by=ANA,
        visitor=None,
        visitor_email="",
        priority="normal",
    )


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"number": 1, "conversation": "k2", "client_id": "c2"}, Insert.NUMBER_TAKEN),
        ({"number": 2, "conversation": "k1", "client_id": "c2"}, Insert.CONVERSATION_TAKEN),
        ({"number": 2, "conversation": "k2", "client_id": "c1"}, Insert.CLIENT_ID_TAKEN),
        ({"number": 2, "conversation": "k2", "client_id": "c1", "by": BEN}, Insert.DONE),
        ({"number": 1, "conversation": "k1", "client_id": "c1", "site": "other"}, Insert.DONE),
    ],
)
async def test_a_refused_insert_names_the_unique_index(
    store: RacedStore, second: dict[str, Any], expected: Insert
) -> None:
    first = a_ticket(number=1, conversation="k1", client_id="c1")
    assert await store.insert(first, fact_of(first)) is Insert.DONE
    ticket = a_ticket(**second)
    assert await store.insert(ticket, fact_of(ticket)) is expected


async def test_a_taken_number_is_replaced_by_the_next_one_without_a_look_up(app: App, store: RacedStore) -> None:
    store.rival = a_ticket(number=1, client_id="another")
    made = await create(app)
    assert (made.number, made.client_id) == (2, "c1")
    assert store.inserts == [Insert.NUMBER_TAKEN, Insert.DONE]
    assert store.look_ups == 1  # before the first insert only


async def test_a_taken_client_id_returns_the_first_ticket(app: App, store: RacedStore) -> None:
    store.rival = a_ticket(number=99, client_id="c1", subject="The first one")
    assert (await create(app)).subject == "The first one"
    assert store.inserts == [Insert.CLIENT_ID_TAKEN]


async def test_a_taken_conversation_returns_its_ticket_as_not_created(app: App, store: RacedStore) -> None:
    store.rival = rival = a_ticket(number=99, conversation="k1")
    ticket, created = await app.open_from_conversation("acme", "k1", ANA)
    assert (ticket.ticket, created) == (rival.ticket, False)
    assert store.inserts == [Insert.CONVERSATION_TAKEN]
