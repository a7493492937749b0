"""What chat says on the bus: hints on `palique.live`, facts on `palique.events`.

Hints promise nothing and are numbered, so that a gateway sees that it missed some. Facts reach other services at least once: their entries
carry a flag from the insert on, taken down when the broker confirmed.
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
from services.chat.domain.log import Entry, Person, State
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore
from services.chat.proto_mapping import entry_frame, person_pb, state_pb

# Readers take three seconds without a batch for a loss.
BEAT_S = 1.0
# Entries in one message: 4 MB at the longest texts, 100 KB of what people write.
BATCH_CAP = 256
# Hints that wait for a broker that takes its time; past this they are dropped, and the gap in the numbers tells.
WAITING_BOUND = 10_000


class HintPublisher:
    """Batches adaptively: while one publish is under way the next batch collects. One lone hint waits for nobody."""

    def __init__(
        self,
        publish: Callable[[bytes], Awaitable[None]],
        *,
        name: str,
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
        failpoints: Failpoints,
    ) -> None:
        self._give = failpoints.around(publish, before="hint.publish", failure=BusDown)
        self._publish_batch = failpoints.around(self.publish, before="hint.before_publish")
        self.name = name
        self._now = now
        self._log = log
        self._metrics = metrics
        self._number = 0
        self._entries: deque[tuple[tuple[Entry, State, str], Context]] = deque()
        self._reads: deque[tuple[State, Person, int]] = deque()
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        """Hints that wait for the next batch."""
        return len(self._entries) + len(self._reads)

    def entry(self, entry: Entry, state: State, origin: str) -> None:
        """Queues a hint that a log grew; what has no room shows as a gap."""
        if len(self._entries) >= WAITING_BOUND:
            self._metrics.hints.labels("dropped").inc()
            self._number += 1
            return
        self._entries.append(((entry, state, origin), copy_context()))
        self._arrived.set()

    def read(self, state: State, reader: Person, seq: int) -> None:
        """Queues a hint that somebody has read."""
        if len(self._reads) >= WAITING_BOUND:
            self._number += 1
            return
        self._reads.append((state, reader, seq))
        self._arrived.set()

    def missed(self) -> None:
        """Leaves a gap in the numbers, so that readers ask."""
        self._number += 1
        self._arrived.set()

    async def run(self) -> None:
        """Publishes until cancelled; at least one batch a second, empty or not."""
        while True:
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._arrived.wait()
            except TimeoutError:
                pass
            self._arrived.clear()
            # Acknowledgements that are due in this turn of the loop leave before the work of encoding begins.
            await asyncio.sleep(0)
            await self._publish_all()

    async def _publish_all(self) -> None:
        try:
            await self._publish_batch()
            while self._entries or self._reads:
                await self._publish_batch()
        except Exception:  # noqa: BLE001 - the number has risen, so readers ask for what went under here
            self._log.exception("hints could not be published")

    async def publish(self) -> None:
        """One batch of what waits. With the broker away it is gone, and its number with it."""
        self._number += 1
        taken = [self._entries.popleft() for _ in range(min(len(self._entries), BATCH_CAP))]
        reads = [self._reads.popleft() for _ in range(min(len(self._reads), BATCH_CAP))]
        batch = live_pb2.LiveBatch(
            publisher=self.name,
            number=self._number,
            entries=[live_entry(*hint) for hint, _ in taken],
            reads=[live_read(*one) for one in reads],
        )
        outcome = "published"
        try:
            # In logs and traces a batch belongs to what its first entry came from.
            context = taken[0][1] if taken else copy_context()
            await asyncio.create_task(self._say(batch), context=context)
        except BusDown:
            outcome = "no_broker"
        if taken or reads:
            self._metrics.hints.labels(outcome).inc(len(taken) + len(reads))
        for (entry, _, _), _ in taken:
            self._metrics.hint_lag_seconds.observe(max(0, self._now() - entry.at_ms) / 1000)

    async def _say(self, batch: live_pb2.LiveBatch) -> None:
        await self._give(batch.SerializeToString())


def live_entry(entry: Entry, state: State, origin: str) -> live_pb2.LiveEntry:
    """A hint names all who follow by right, so that gateways route it without knowing the conversation."""
    return live_pb2.LiveEntry(
        site=entry.site,
        conversation=entry.conversation,
        epoch=state.epoch,
        seq=entry.seq,
        kind=entry.kind,
        visitor=state.visitor.id,
        assignee=state.assignee.id if state.assignee else "",
        origin=origin,
        frame=entry_frame(entry, state.epoch),
        state=None if entry.kind in TEXT_KINDS else state_pb(state),
    )


def live_read(state: State, reader: Person, seq: int) -> live_pb2.LiveRead:
    return live_pb2.LiveRead(
        site=state.site,
        conversation=state.conversation,
        visitor=state.visitor.id,
        assignee=state.assignee.id if state.assignee else "",
        reader=person_pb(reader),
        seq=seq,
    )


class FactPublisher:
    """Publishes the fact of an entry."""

    def __init__(self, publisher: Publisher, store: ConversationStore, folds: StateCache) -> None:
        self._publisher = publisher
        self._store = store
        self._folds = folds

    async def publish(self, entry: Entry) -> None:
        """Returns once the broker confirmed; BusDown when it did not."""
        state = await self._folds.refresh(entry.conversation)
        fact = live_pb2.Fact(
            kind=entry.kind,
            seq=entry.seq,
            at_ms=entry.at_ms,
            conversation=state_pb(state),
            visitor_chats=await self._store.started_by_visitor(state.site, state.visitor.id),
        )
        await self._publisher.publish(
            fact.SerializeToString(), f"chat.{entry.kind}", message_id=f"{entry.conversation}.{entry.seq}"
        )
