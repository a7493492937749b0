"""What chat and other gateways say on the bus, taken to the sockets that are here.

Hints promise nothing: whenever one may have been missed, the true heads are asked for (`catching_up`).
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

import msgspec
from palique.chat.v1.live_pb2 import LiveBatch, LiveEntry, LiveRead
from palique.gateway.v1.live_pb2 import Revoked, SiteChanged, Typing

from kit.times import parse_rfc3339
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.runs import contiguous_runs
from services.gateway.fanout.session_revocation import REVOKED_KEY
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.fanout.site_updates import SITE_KEY
from services.gateway.metrics import Metrics
from services.gateway.overload.loop_slices import LoopSlicer
from services.gateway.presence.agent_roster import KEY as AVAILABILITY_KEY
from services.gateway.presence.agent_roster import AgentRoster
from services.gateway.presence.visitor_roster import KEY_PREFIX as VISITORS_PREFIX
from services.gateway.presence.visitor_roster import VisitorRoster
from services.gateway.session.message_handlers import TYPING_KEY

LOOK_EVERY_S = 0.5
# Readers told at once. While more comes than so many are told, that takes an eighth of the loop at most, the others have the rest; and what comes
# meanwhile goes together, a quarter of a second later at most.
LARGE, REST, MOST_REST_S = 1_000, 7, 0.25
# What may wait meanwhile: as many as the broker holds for a slow gateway. Past this hints are left, and the true heads are asked for.
WAITING_BOUND = 10_000


class Behind(Protocol):
    """Is told that hints may have been missed, and why."""

    def behind(self, reason: str) -> None: ...


class _At(msgspec.Struct):
    at: str = ""


_at_decoder = msgspec.json.Decoder(_At)


class HintConsumer:
    """Takes chat's batches of hints. `writes` is what takes them to their readers, and is done when it comes to what is added after."""

    def __init__(
        self,
        hub: Hub,
        *,
        directory: ParticipantCache,
        standing: SiteStatus,
        catching_up: Behind,
        writes: LoopSlicer,
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self._hub = hub
        self._writes = writes
        self._directory = directory
        self._standing = standing
        self._catching_up = catching_up
        self._now = now
        self._metrics = metrics
        self._reader = GapDetector()
        self._entries: list[LiveEntry] = []
        self._reads: list[LiveRead] = []
        # The last are still on their way, or the rest after them is not over.
        self._is_telling = False

    def __len__(self) -> int:
        """Hints that wait to be handed on."""
        return len(self._entries) + len(self._reads)

    def fresh(self) -> None:
        """The subscription is new: whatever was said until now was missed."""
        self._reader.forget()
        self._catching_up.behind("fresh")

    @property
    def come_in(self) -> bool:
        """False when none was heard for seconds: a broker may be connected and let nothing through, as with a full disk."""
        return self._reader.hears(self._now())

    def take(self, _: str, body: bytes) -> None:
        """One batch."""
        batch = LiveBatch.FromString(body)
        now_ms = self._now()
        late = self._reader.is_late(batch.publisher, batch.number)
        missed = self._reader.heard(batch.publisher, batch.number, now_ms)
        if batch.entries:
            self._observe_lag(batch.entries[0], now_ms)
        if late:
            return
        if len(self) + len(batch.entries) + len(batch.reads) > WAITING_BOUND:
            self._catching_up.behind("overflow")
            return
        if not len(self):
            # Behind what else this turn of the loop brings: what came together leaves together.
            asyncio.get_running_loop().call_soon(self._hand_on_all)
        self._entries += batch.entries
        self._reads += batch.reads
        if missed:
            self._catching_up.behind("gap")

    async def run(self) -> None:
        """Watches for publishers that fall silent, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._reader.is_silent(self._now()):
                self._catching_up.behind("silence")

    def _hand_on_all(self) -> None:
        if self._is_telling or not len(self):
            return  # what comes meanwhile goes together, when that is over
        entries, self._entries = self._entries, []
        reads, self._reads = self._reads, []
        self._is_telling, began = True, asyncio.get_running_loop().time()
        try:
            self._hand_on(entries, reads)
        except Exception:
            self._catching_up.behind("fault")  # of ours; what went under is found by asking
            raise
        finally:
            self._writes.add(partial(self._written, len(self._writes), began))

    def _hand_on(self, entries: Iterable[LiveEntry], reads: Iterable[LiveRead]) -> None:
        for run in contiguous_runs(entry for entry in entries if entry.site in self._hub.sites):
            last = run[-1]
            self._directory.note(last.site, last.conversation, last.visitor, last.assignee)
            self._hub.deliver(run)
            for entry in run:
                if entry.HasField("state"):
                    self._standing.heard(entry.state)
        for read in reads:
            self._hub.deliver_read(read)

    def _written(self, readers: int, began: float) -> None:
        """What was handed on at that time has gone to so many."""
        loop = asyncio.get_running_loop()
        if readers >= LARGE and self._entries:
            loop.call_later(min(REST * (loop.time() - began), MOST_REST_S), self._rested)
        else:
            self._rested()

    def _rested(self) -> None:
        self._is_telling = False
        # Not at once: a fault of it must not end the turn of those who are told.
        asyncio.get_running_loop().call_soon(self._hand_on_all)

    def _observe_lag(self, entry: LiveEntry, now_ms: int) -> None:
        try:
            at_ms = parse_rfc3339(_at_decoder.decode(entry.frame).at)
        except (ValueError, msgspec.DecodeError):
            return
        self._metrics.lag.observe(max(0, now_ms - at_ms) / 1000)


class GatewayEventConsumer:
    """Takes what gateways say to one another, and what presence says to all."""

    def __init__(
        self,
        hub: Hub,
        *,
        ended: Callable[[str, str, str | None], None],
        site_changed: Callable[[str], None],
        availability: AgentRoster,
        visitors: VisitorRoster,
    ) -> None:
        self._hub = hub
        self._ended = ended
        self._site_changed = site_changed
        self._availability = availability
        self._visitors = visitors

    def fresh(self) -> None:
        """The subscription is new: lists may have moved on unheard."""
        self._availability.refreshing.want_all()
        self._visitors.refreshing.want_all()

    def take(self, key: str, body: bytes) -> None:
        """One word."""
        if key == TYPING_KEY:
            self._hub.deliver_typing(Typing.FromString(body))
        elif key == REVOKED_KEY:
            revoked = Revoked.FromString(body)
            self._ended(revoked.site, revoked.agent, revoked.session or None)
        elif key == SITE_KEY:
            self._site_changed(SiteChanged.FromString(body).site)
        elif key == AVAILABILITY_KEY:
            self._availability.take(body)
        elif key.startswith(VISITORS_PREFIX):
            self._visitors.take(key.removeprefix(VISITORS_PREFIX), body)
