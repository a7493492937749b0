"""Publishers on the bus: hints on `palique.live`, facts on `palique.events`.

Hints are best effort and numbered, so that a gateway detects a gap. Facts are delivered at least once: their entries carry an outbox flag
from the insert on, which is cleared after the broker confirmed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context

from palique.chat.v1 import live_pb2

from kit.bus.exchanges import BusDown
from kit.bus.publisher import Publisher
from kit.failpoints import Failpoints
from kit.runtime.logs import Log
from kit.vocabulary import TEXT_KINDS
from services.chat.app.state_cache import StateCache
from services.chat.domain.log import Entry, Person, State, first_line
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore, FactFeed
from services.chat.proto_mapping import entry_frame, person_pb, state_pb

# Readers treat three seconds without a batch as a loss.
HEARTBEAT_S = 1.0
# Entries in one broker message: 4 MB at the longest texts, 100 KB of usual messages.
HINT_BATCH = 256
# Hints that wait for a slow broker; further ones are dropped, and the gap in the numbers makes readers sync.
MAX_WAITING = 10_000


class HintPublisher:
    """Batches adaptively: the next batch collects while one is being published. A single hint is published at once."""

    def __init__(
        self,
        publish: Callable[[bytes], Awaitable[None]],
        *,
        name: str,
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
        failpoints: Failpoints,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._publish_bytes = failpoints.around(publish, before="hint.publish", failure=BusDown)
        self._publish_batch = failpoints.around(self.publish, before="hint.before_publish")
        self.name = name
        self._now = now
        self._log = log
        self._metrics = metrics
        self._heartbeat_s = heartbeat_s
        self._number = 0
        self._entries: deque[tuple[tuple[Entry, State, str], Context]] = deque()
        self._reads: deque[tuple[State, Person, int]] = deque()
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        """Hints that wait for the next batch."""
        return len(self._entries) + len(self._reads)

    def entry_appended(self, entry: Entry, state: State, origin: str) -> None:
        """Queues the hint of a new entry; drops it and skips a number when the queue is full."""
        if len(self._entries) >= MAX_WAITING:
            self._metrics.hints.labels("dropped").inc()
            self._number += 1
            return
        self._entries.append(((entry, state, origin), copy_context()))
        self._arrived.set()

    def mark_raised(self, state: State, reader: Person, seq: int) -> None:
        """Queues the hint of a read mark; drops it and skips a number when the queue is full."""
        if len(self._reads) >= MAX_WAITING:
            self._number += 1
            return
        self._reads.append((state, reader, seq))
        self._arrived.set()

    def skip_number(self) -> None:
        self._number += 1
        self._arrived.set()

    async def run(self) -> None:
        """Publishes until cancelled; at least one batch each `heartbeat_s`, possibly empty."""
        while True:
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    await self._arrived.wait()
            except TimeoutError:
                pass
            self._arrived.clear()
            # Acknowledgements that are due in this loop iteration are sent before the batch is encoded.
            await asyncio.sleep(0)
            await self._publish_all()

    async def _publish_all(self) -> None:
        try:
            await self._publish_batch()
            while self._entries or self._reads:
                await self._publish_batch()
        except Exception:  # noqa: BLE001 - the number has risen, so readers sync for the lost batch
            self._log.exception("hint publishing failed")

    async def publish(self) -> None:
        """Publishes one batch. With the broker away the batch is lost, and its number is used."""
        self._number += 1
        taken = [self._entries.popleft() for _ in range(min(len(self._entries), HINT_BATCH))]
        reads = [self._reads.popleft() for _ in range(min(len(self._reads), HINT_BATCH))]
        batch = live_pb2.LiveBatch(
            publisher=self.name,
            number=self._number,
            entries=[live_entry(*hint) for hint, _ in taken],
            reads=[live_read(*read) for read in reads],
        )
        outcome = "published"
        try:
            # In logs and traces a batch belongs to the request of its first entry.
            context = taken[0][1] if taken else copy_context()
            await asyncio.create_task(self._send(batch), context=context)
        except BusDown:
            outcome = "no_broker"
        if taken or reads:
            self._metrics.hints.labels(outcome).inc(len(taken) + len(reads))
        for (entry, _, _), _ in taken:
            self._metrics.hint_lag_seconds.observe(max(0, self._now() - entry.at_ms) / 1000)

    async def _send(self, batch: live_pb2.LiveBatch) -> None:
        await self._publish_bytes(batch.SerializeToString())


def live_entry(entry: Entry, state: State, origin: str) -> live_pb2.LiveEntry:
    """A hint names visitor and assignee, so that gateways route it without knowledge of the conversation."""
    return live_pb2.LiveEntry(
        site=entry.site,
        conversation=entry.conversation_id,
        epoch=state.epoch,
        seq=entry.seq,
        kind=entry.kind,
        visitor=state.visitor.id,
        assignee=state.assignee.id if state.assignee else "",
        origin=origin,
        frame=entry_frame(entry, state.epoch),
        state=state_pb(state) if entry.kind not in TEXT_KINDS or _sets_preview(entry, state) else None,
    )


def _sets_preview(entry: Entry, state: State) -> bool:
    """True for the message of a visitor that waits whose line agents see in the queue."""
    return bool(state.preview) and entry.author.kind == "visitor" and first_line(entry.text) == state.preview


def live_read(state: State, reader: Person, seq: int) -> live_pb2.LiveRead:
    return live_pb2.LiveRead(
        site=state.site,
        conversation=state.id,
        visitor=state.visitor.id,
        assignee=state.assignee.id if state.assignee else "",
        reader=person_pb(reader),
        seq=seq,
    )


class FactPublisher:
    """Publishes the facts of entries: into the feed, then on the bus."""

    def __init__(self, publisher: Publisher, feed: FactFeed, store: ConversationStore, state_cache: StateCache) -> None:
        self._publisher = publisher
        self._feed = feed
        self._store = store
        self._state_cache = state_cache

    async def publish(self, entry: Entry) -> None:
        """Returns once the broker confirmed; BusDown when it did not."""
        state = await self._state_cache.refresh(entry.conversation_id)
        fact = live_pb2.Fact(
            kind=entry.kind,
            seq=entry.seq,
            at_ms=entry.at_ms,
            conversation=state_pb(state),
            visitor_chats=await self._store.started_by_visitor(state.site, state.visitor.id),
        )
        body, fact_id = fact.SerializeToString(), f"{entry.conversation_id}.{entry.seq}"
        await self._feed.add(entry.site, fact_id, body, entry.at_ms)
        await self._publisher.publish(body, f"chat.{entry.kind}", message_id=fact_id)
