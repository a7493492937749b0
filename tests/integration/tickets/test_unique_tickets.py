"""Unique indexes of tickets: each refused insert names its index, and the use case acts on exactly that one."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry

from kit import mongo
from kit.ids import new_id, now_ms
from services.tickets.app.create import TicketCreation
from services.tickets.app.transcript import TranscriptRefresher
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import Ticket, new_ticket
from services.tickets.domain.transcript import Line, Transcript
from services.tickets.metrics import Metrics
from services.tickets.ports import ConversationState, Fact, InsertOutcome, VisitorDetails
from services.tickets.proto_mapping import fact_of
from services.tickets.store.store import TicketStore
from tests.support.json_object import JsonObject

ANA, BEN = Person("agent", "ana", "Ana"), Person("agent", "ben", "Ben")


def a_ticket(**fields: Any) -> Ticket:
    given = {"site": "acme", "ticket_id": new_id(), "number": 1, "subject": "Lamp", "priority": "normal", "by": ANA}
    return new_ticket(**{**given, "now_ms": now_ms(), "transcript": Transcript(whole=True), **fields})


class RacedStore(TicketStore):
    """Inserts `rival` right before the first insert of the use case: the other caller wins the race."""

    rival: Ticket | None = None
    inserts: list[InsertOutcome]
    look_ups = 0

    async def insert(self, ticket: Ticket, fact: Fact) -> InsertOutcome:
        if self.rival is not None:
            rival, self.rival = self.rival, None
            assert await super().insert(rival, fact_of("opened", rival)) is InsertOutcome.DONE
        self.inserts.append(await super().insert(ticket, fact))
        return self.inserts[-1]

    async def of_conversation(self, site: str, conversation_id: str) -> Ticket | None:
        self.look_ups += 1
        return await super().of_conversation(site, conversation_id)

    async def of_client_id(self, site: str, author: Person, client_id: str) -> Ticket | None:
        self.look_ups += 1
        return await super().of_client_id(site, author, client_id)


class ClosedConversations:
    """`ServiceClients` without other services: every conversation exists, is empty and has ended."""

    async def conversation(self, site: str, conversation_id: str) -> ConversationState:
        return ConversationState(Person("visitor", f"{site}-{conversation_id}", "Vera"), head=0, closed=True)

    async def messages(self, site: str, conversation_id: str, after: int) -> tuple[list[Line], int]:
        assert (site, conversation_id, after) == ("acme", "k1", 0)
        return [], after

    async def visitor(self, site: str, visitor_id: str) -> VisitorDetails | None:
        return VisitorDetails(name="Vera", placeholder="Visitor VERA", email=f"{visitor_id}@{site}.example")


@pytest.fixture
async def store(mongodb_url: str, database_prefix: str) -> AsyncIterator[RacedStore]:
    client = mongo.connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = RacedStore(client[f"{database_prefix}_tickets"])
    store.inserts = []
    await store.ensure_indexes()
    yield store
    client.close()


@pytest.fixture
def creation(store: RacedStore) -> TicketCreation:
    clients, metrics = ClosedConversations(), Metrics(CollectorRegistry())
    transcripts = TranscriptRefresher(store, clients, metrics=metrics, log=structlog.stdlib.get_logger("test"))
    return TicketCreation(
        store, clients, transcripts, post_fact=lambda _: None, new_id=new_id, now=now_ms, metrics=metrics
    )


async def create(creation: TicketCreation) -> Ticket:
    return await creation.create(
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
        ({"number": 1, "conversation_id": "k2", "client_id": "c2"}, InsertOutcome.NUMBER_TAKEN),
        ({"number": 2, "conversation_id": "k1", "client_id": "c2"}, InsertOutcome.CONVERSATION_TAKEN),
        ({"number": 2, "conversation_id": "k2", "client_id": "c1"}, InsertOutcome.CLIENT_ID_TAKEN),
        ({"number": 2, "conversation_id": "k2", "client_id": "c1", "by": BEN}, InsertOutcome.DONE),
        ({"number": 1, "conversation_id": "k1", "client_id": "c1", "site": "other"}, InsertOutcome.DONE),
    ],
)
async def test_a_refused_insert_names_the_unique_index(
    store: RacedStore, second: JsonObject, expected: InsertOutcome
) -> None:
    first = a_ticket(number=1, conversation_id="k1", client_id="c1")
    assert await store.insert(first, fact_of("opened", first)) is InsertOutcome.DONE
    ticket = a_ticket(**second)
    assert await store.insert(ticket, fact_of("opened", ticket)) is expected


async def test_a_taken_number_is_replaced_by_the_next_one_without_a_look_up(
    creation: TicketCreation, store: RacedStore
) -> None:
    store.rival = a_ticket(number=1, client_id="another")
    made = await create(creation)
    assert (made.number, made.client_id) == (2, "c1")
    assert store.inserts == [InsertOutcome.NUMBER_TAKEN, InsertOutcome.DONE]
    assert store.look_ups == 1  # before the first insert only


async def test_a_taken_client_id_returns_the_first_ticket(creation: TicketCreation, store: RacedStore) -> None:
    store.rival = a_ticket(number=99, client_id="c1", subject="The first one")
    assert (await create(creation)).subject == "The first one"
    assert store.inserts == [InsertOutcome.CLIENT_ID_TAKEN]


async def test_a_taken_conversation_returns_its_ticket_as_not_created(
    creation: TicketCreation, store: RacedStore
) -> None:
    store.rival = rival = a_ticket(number=99, conversation_id="k1")
    ticket, created = await creation.open_from_conversation("acme", "k1", ANA)
    assert (ticket.id, created) == (rival.id, False)
    assert store.inserts == [InsertOutcome.CONVERSATION_TAKEN]
