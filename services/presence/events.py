"""Presence on the bus: publishes deltas of visitors and agents, handles facts of chat.

Deltas are soft state. While one is published, later changes are coalesced: the newest state of each person wins. A delta that the broker
does not take is dropped and leaves a gap in the numbers. A gateway that detects a gap reads the whole list.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, Protocol

from aio_pika.abc import AbstractConnection
from palique.chat.v1 import live_pb2 as chat_pb
from palique.presence.v1 import live_pb2 as live_pb
from palique.presence.v1 import presence_pb2 as pb

from kit.bus.contract import InvalidMessage, decoded
from kit.bus.exchanges import BusDown
from kit.codes import Refused
from kit.runtime.logs import Log
from services.presence.app.presence import Presence
from services.presence.domain.agent import Agent
from services.presence.domain.visitor import Visitor
from services.presence.metrics import Metrics
from services.presence.ports import StateT
from services.presence.proto_mapping import availability_pb, row_pb
from services.presence.validation import chat_change

QUEUE = "presence.events"
# The facts with a new status of a conversation.
FACT_KEYS = ("chat.opened", "chat.assigned", "chat.transferred", "chat.requeued", "chat.closed")
# The gap has made gateways read the list before an older delta arrives.
TTL_S = 5.0
# Rows of one delta: 100 kB, so that no message delays the others of its connection.
DELTA_BATCH = 500
# Pause after a delta that the broker did not take.
RETRY_PAUSE_S = 1.0


class Publish(Protocol):
    """Sends a body to the broker, or raises BusDown."""

    def __call__(self, body: bytes, routing_key: str) -> Awaitable[None]: ...


class DeltaStream(Generic[StateT]):
    """One site's numbered deltas of visitors, or of agents, with the changes that wait for the next one."""

    def __init__(self, routing_key: str, encode: Callable[[int, list[StateT]], bytes]) -> None:
        self._routing_key = routing_key
        self._encode: Callable[[int, list[StateT]], bytes] = encode
        self._number = 0
        self._newest: dict[str, StateT] = {}
        self._gap = False

    def put(self, state: StateT) -> None:
        known = self._newest.get(state.key)
        if known is None or known.rev <= state.rev:
            self._newest[state.key] = state

    def mark_gap(self) -> None:
        """Skips a number, so that readers detect a gap. The next delta follows even when it is empty."""
        self._number += 1
        self._gap = True

    @property
    def is_pending(self) -> bool:
        return self._gap or bool(self._newest)

    async def publish_next(self, publish: Publish) -> None:
        """Publishes one delta with up to DELTA_BATCH waiting changes. On BusDown all are dropped, which leaves a gap."""
        keys = list(self._newest)[:DELTA_BATCH]
        states = [self._newest.pop(key) for key in keys]
        self._gap = False
        self._number += 1
        try:
            await publish(self._encode(self._number, states), self._routing_key)
        except BusDown:
            self._newest.clear()
            self.mark_gap()
            raise


class DeltaPublisher:
    """Publishes changes to the gateways; `run` must be running. Also a client of its broker connection: a new one means a gap."""

    def __init__(
        self,
        publisher_id: str,
        publish: Publish,
        *,
        metrics: Metrics,
        log: Log,
        retry_pause_s: float = RETRY_PAUSE_S,
    ) -> None:
        self._publisher_id = publisher_id
        self._publish = publish
        self._metrics = metrics
        self._log = log
        self._retry_pause_s = retry_pause_s
        self._visitors: dict[str, DeltaStream[Visitor]] = {}
        self._agents: dict[str, DeltaStream[Agent]] = {}
        # An ordered set: streams are served in turn.
        self._pending: dict[DeltaStream[Visitor] | DeltaStream[Agent], None] = {}
        self._wake = asyncio.Event()
        self._flushing = asyncio.Lock()
        metrics.deltas_waiting.set_function(lambda: len(self._pending))

    def visitors_changed(self, visitors: Iterable[Visitor]) -> None:
        for visitor in visitors:
            stream = self._visitor_stream(visitor.site)
            stream.put(visitor)
            self._pending[stream] = None
        self._wake.set()

    def agents_changed(self, agents: Iterable[Agent]) -> None:
        for agent in agents:
            stream = self._agent_stream(agent.site)
            stream.put(agent)
            self._pending[stream] = None
        self._wake.set()

    def mark_gap(self, site: str) -> None:
        visitors, agents = self._visitor_stream(site), self._agent_stream(site)
        visitors.mark_gap()
        agents.mark_gap()
        self._pending |= {visitors: None, agents: None}
        self._wake.set()

    async def attach(self, _: AbstractConnection) -> None:
        """Marks gaps: deltas that were published just before the old connection broke may be lost without an error."""
        for site in {*self._visitors, *self._agents}:
            self.mark_gap(site)

    def detach(self) -> None:
        """Needs no clean-up: `publish` raises BusDown until the next connection."""

    async def run(self) -> None:
        """Publishes until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.flush()
            except BusDown:
                self._metrics.deltas.labels("lost").inc()
                await asyncio.sleep(self._retry_pause_s)
                self._wake.set()

    async def flush(self) -> None:
        """Publishes all pending deltas, one of each stream in turn. Raises BusDown when the broker is unreachable."""
        async with self._flushing:
            while self._pending:
                stream = next(iter(self._pending))
                await stream.publish_next(self._publish)
                self._metrics.deltas.labels("told").inc()
                del self._pending[stream]
                if stream.is_pending:
                    self._pending[stream] = None

    def _visitor_stream(self, site: str) -> DeltaStream[Visitor]:
        if site not in self._visitors:
            self._visitors[site] = DeltaStream(
                f"visitors.{site}", lambda number, visitors: self._visitors_delta(site, number, visitors)
            )
        return self._visitors[site]

    def _agent_stream(self, site: str) -> DeltaStream[Agent]:
        if site not in self._agents:
            self._agents[site] = DeltaStream(
                "agents", lambda number, agents: self._availability_delta(site, number, agents)
            )
        return self._agents[site]

    def _visitors_delta(self, site: str, number: int, visitors: list[Visitor]) -> bytes:
        delta = live_pb.VisitorsDelta(publisher=self._publisher_id, number=number, site=site)
        for visitor in visitors:
            row = row_pb(visitor)
            if row is not None:
                delta.upserts.append(row)
            else:
                name = visitor.name or visitor.placeholder
                delta.gone.append(pb.VisitorGone(visitor=visitor.id, rev=visitor.rev, name=name))
        return delta.SerializeToString()

    def _availability_delta(self, site: str, number: int, agents: list[Agent]) -> bytes:
        delta = live_pb.AvailabilityDelta(
            publisher=self._publisher_id, number=number, site=site, agents=map(availability_pb, agents)
        )
        return delta.SerializeToString()


class ChatFactHandler:
    """Applies facts of chat to visitors. Duplicate and late facts change nothing."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence

    async def handle(self, _: str, body: bytes) -> None:
        """InvalidMessage for a fact that fits no contract; raises anything else when the fact must be delivered again."""
        fact = decoded(chat_pb.Fact, body)
        try:
            site, visitor_id, change = chat_change(fact)
        except Refused as refused:
            raise InvalidMessage(refused.message) from None
        await self._presence.apply_chat_change(site, visitor_id, change, fact.at_ms)
