"""Presence on the bus: says what changed, hears the facts of chat.

Deltas are soft state: coalesced while one is under way, the newest of each person wins, and what the broker did not take is not
kept but shows as a gap in the numbers, upon which a gateway asks for the whole list.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, Protocol, TypeVar

from aio_pika.abc import AbstractConnection
from google.protobuf.message import DecodeError
from palique.chat.v1 import live_pb2 as chat_pb
from palique.presence.v1 import live_pb2 as live_pb
from palique.presence.v1 import presence_pb2 as pb

from kit.bus.exchanges import BusDown
from kit.codes import Refused
from kit.runtime.logs import Log
from kit.vocabulary import CONVERSATION_STATUSES
from services.presence.app.presence import Presence
from services.presence.domain.agent import Agent
from services.presence.domain.visitor import Chat, ChatTold, Visitor
from services.presence.metrics import Metrics
from services.presence.proto_mapping import availability_message, checked_id, row_message

# Facts that change what a visitor's chat is: all that carry a new status.
FACT_KEYS = ("chat.opened", "chat.assigned", "chat.transferred", "chat.closed")
# A delta older than this has been asked for by way of the gap.
TTL_S = 5.0
# Rows in one delta: 100 kB, so that no message holds up the others of its connection.
ROWS_LIMIT = 500
# How long a broker is left alone that did not take a delta.
AGAIN_S = 1.0

PersonT = TypeVar("PersonT", Visitor, Agent)


class Publish(Protocol):
    """Gives a body to the broker; BusDown when it cannot."""

    def __call__(self, body: bytes, routing_key: str) -> Awaitable[None]: ...


class Lane(Generic[PersonT]):
    """What is to be told of one site's visitors, or of its agents; numbers what is told."""

    def __init__(self, routing_key: str, word: Callable[[int, list[PersonT]], bytes]) -> None:
        self._routing_key = routing_key
        self._word: Callable[[int, list[PersonT]], bytes] = word
        self._number = 0
        self._newest: dict[str, PersonT] = {}
        self._gap = False

    def say(self, person: PersonT) -> None:
        known = self._newest.get(person.key)
        if known is None or known.rev <= person.rev:
            self._newest[person.key] = person

    def say_gap(self) -> None:
        """Skips a number, which tells as much as what was in it, and has the next delta follow, empty or not."""
        self._number += 1
        self._gap = True

    @property
    def waits(self) -> bool:
        return self._gap or bool(self._newest)

    async def tell(self, publish: Publish) -> None:
        """One delta of what waits, as far as it goes in one; when the broker does not take it, BusDown and a gap."""
        keys = list(self._newest)[:ROWS_LIMIT]
        persons = [self._newest.pop(key) for key in keys]
        self._gap = False
        self._number += 1
        try:
            await publish(self._word(self._number, persons), self._routing_key)
        except BusDown:
            self._newest.clear()
            self.say_gap()
            raise


class DeltaTeller:
    """Tells the gateways of changes; `run` must be running. Also a participant of its bus: a new connection is a gap."""

    def __init__(self, publisher: str, publish: Publish, *, metrics: Metrics, log: Log) -> None:
        self._publisher = publisher
        self._publish = publish
        self._metrics = metrics
        self._log = log
        self._visitors: dict[str, Lane[Visitor]] = {}
        self._agents: dict[str, Lane[Agent]] = {}
        # In the order in which they are served.
        self._waiting: dict[Lane[Visitor] | Lane[Agent], None] = {}
        self._wanted = asyncio.Event()
        self._telling = asyncio.Lock()
        metrics.deltas_waiting.set_function(lambda: len(self._waiting))

    def say_visitors(self, visitors: Iterable[Visitor]) -> None:
        for visitor in visitors:
            lane = self._visitors_of(visitor.site)
            lane.say(visitor)
            self._waiting[lane] = None
        self._wanted.set()

    def say_agents(self, agents: Iterable[Agent]) -> None:
        for agent in agents:
            lane = self._agents_of(agent.site)
            lane.say(agent)
            self._waiting[lane] = None
        self._wanted.set()

    def say_gap(self, site: str) -> None:
        visitors, agents = self._visitors_of(site), self._agents_of(site)
        visitors.say_gap()
        agents.say_gap()
        self._waiting |= {visitors: None, agents: None}
        self._wanted.set()

    async def attach(self, _: AbstractConnection) -> None:
        """What was published while the connection went may be lost without an error."""
        for site in {*self._visitors, *self._agents}:
            self.say_gap(site)

    def detach(self) -> None:
        """Publishing fails from now on, and says so."""

    async def run(self) -> None:
        """Tells until cancelled; while one delta is under way the next gathers."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.flush()
            except BusDown:
                self._metrics.deltas.labels("lost").inc()
                await asyncio.sleep(AGAIN_S)
                self._wanted.set()

    async def flush(self) -> None:
        """Tells all that waits, site by site in turn; BusDown when the broker is away."""
        async with self._telling:
            while self._waiting:
                lane = next(iter(self._waiting))
                await lane.tell(self._publish)
                self._metrics.deltas.labels("told").inc()
                del self._waiting[lane]
                if lane.waits:
                    self._waiting[lane] = None

    def _visitors_of(self, site: str) -> Lane[Visitor]:
        if site not in self._visitors:
            self._visitors[site] = Lane(
                f"visitors.{site}", lambda number, told: self._visitors_delta(site, number, told)
            )
        return self._visitors[site]

    def _agents_of(self, site: str) -> Lane[Agent]:
        if site not in self._agents:
            self._agents[site] = Lane("agents", lambda number, told: self._availability_delta(site, number, told))
        return self._agents[site]

    def _visitors_delta(self, site: str, number: int, told: list[Visitor]) -> bytes:
        delta = live_pb.VisitorsDelta(publisher=self._publisher, number=number, site=site)
        for visitor in told:
            row = row_message(visitor)
            if row is not None:
                delta.upserts.append(row)
            else:
                delta.gone.append(pb.VisitorGone(visitor=visitor.visitor, rev=visitor.rev))
        return delta.SerializeToString()

    def _availability_delta(self, site: str, number: int, told: list[Agent]) -> bytes:
        agents = map(availability_message, told)
        delta = live_pb.AvailabilityDelta(publisher=self._publisher, number=number, site=site, agents=agents)
        return delta.SerializeToString()


class ChatFacts:
    """Takes the facts of chat; doubled and late ones change nothing."""

    def __init__(self, presence: Presence, *, log: Log) -> None:
        self._presence = presence
        self._log = log

    async def take(self, key: str, body: bytes) -> None:
        """Raises when the fact must come again; one that can never be understood is logged and left."""
        try:
            fact = chat_pb.Fact.FromString(body)
            site = checked_id(fact.conversation.site, "site")
            visitor = checked_id(fact.conversation.visitor.id, "visitor")
            conversation = checked_id(fact.conversation.conversation, "conversation")
        except (DecodeError, Refused) as error:
            self._log.error("a fact cannot be understood", key=key, error=repr(error))
            return
        status = fact.conversation.status
        if status not in CONVERSATION_STATUSES:
            self._log.error("a fact has a status that is not known here", key=key, conversation=conversation)
            return
        # The state may be that of a later entry than the fact's own.
        seq = max(fact.seq, fact.conversation.head)
        told = ChatTold(Chat(conversation, seq, status), fact.visitor_chats)
        await self._presence.chat_told(site, visitor, told, fact.at_ms)
