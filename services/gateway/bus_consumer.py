"""Bus consumers: take the messages of chat, presence and other gateways to the connections of this gateway.

Hints may be lost. Whenever one may have been missed, a catch-up compares the true heads (`fanout/catch_up.py`).
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

import msgspec
from palique.chat.v1.live_pb2 import LiveEntry, LiveRead
from palique.gateway.v1.live_pb2 import Revoked, SiteChanged

from kit.bus.contract import decoded
from kit.times import parse_rfc3339
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.live_contract import hint_batch, typing_notice
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.runs import contiguous_runs
from services.gateway.fanout.session_revocation import REVOKED_KEY, SessionRevocation
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.fanout.site_updates import SITE_KEY, SiteUpdates
from services.gateway.metrics import Metrics
from services.gateway.overload.loop_slices import LoopSlicer
from services.gateway.presence.agent_roster import KEY as AVAILABILITY_KEY
from services.gateway.presence.agent_roster import AgentRoster
from services.gateway.presence.visitor_roster import KEY_PREFIX as VISITORS_PREFIX
from services.gateway.presence.visitor_roster import VisitorRoster
from services.gateway.session.message_handlers import TYPING_KEY

SILENCE_CHECK_S = 0.5
# Pacing: after a delivery to LARGE_AUDIENCE connections or more, the next waits PAUSE_FACTOR times as long as that one took. So large
# deliveries take an eighth of the loop at most, and hints that arrive meanwhile go together, MAX_PAUSE_S later at most.
LARGE_AUDIENCE, PAUSE_FACTOR, MAX_PAUSE_S = 1_000, 7, 0.25
# Hints that may wait: as many as the broker keeps for a slow gateway. More are dropped, and a catch-up is requested.
MAX_WAITING = 10_000


class _Timestamp(msgspec.Struct):
    at: str = ""


_timestamp_decoder = msgspec.json.Decoder(_Timestamp)


class HintConsumer:
    """Consumes chat's batches of hints. `writes` is the slicer that writes to the transports.

    Work added to `writes` after a delivery runs when that delivery is written.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        participants: ParticipantCache,
        site_status: SiteStatus,
        request_catch_up: Callable[[str], None],
        writes: LoopSlicer,
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self._hub = hub
        self._participants = participants
        self._site_status = site_status
        self._request_catch_up = request_catch_up
        self._writes = writes
        self._now = now
        self._metrics = metrics
        self._gaps = GapDetector()
        self._entries: list[LiveEntry] = []
        self._reads: list[LiveRead] = []
        # True while the last delivery is being written, and in the pause after it.
        self._is_delivering = False

    def __len__(self) -> int:
        """Hints that wait for delivery."""
        return len(self._entries) + len(self._reads)

    def on_subscribed(self) -> None:
        """A new subscription: all hints until now were missed."""
        self._gaps.reset()
        self._request_catch_up("fresh")

    @property
    def is_receiving(self) -> bool:
        """False without a hint for seconds. A connected broker may deliver nothing, for example with a full disk."""
        return self._gaps.is_receiving(self._now())

    def consume(self, _: str, body: bytes) -> None:
        """Takes one batch, or raises InvalidMessage."""
        batch = hint_batch(body, self._hub.sites)
        now_ms = self._now()
        late = self._gaps.is_late(batch.publisher, batch.number)
        missed = self._gaps.observe(batch.publisher, batch.number, now_ms)
        if batch.entries:
            self._observe_lag(batch.entries[0], now_ms)
        if late:
            return
        if len(self) + len(batch.entries) + len(batch.reads) > MAX_WAITING:
            self._request_catch_up("overflow")
            return
        if not len(self):
            # After the other batches of this loop iteration, which are delivered together.
            asyncio.get_running_loop().call_soon(self._deliver_waiting)
        self._entries += batch.entries
        self._reads += batch.reads
        if missed:
            self._request_catch_up("gap")

    async def run(self) -> None:
        """Requests a catch-up when a publisher becomes silent, until cancelled."""
        while True:
            await asyncio.sleep(SILENCE_CHECK_S)
            if self._gaps.is_silent(self._now()):
                self._request_catch_up("silence")

    def _deliver_waiting(self) -> None:
        if self._is_delivering or not len(self):
            return
        entries, self._entries = self._entries, []
        reads, self._reads = self._reads, []
        self._is_delivering, began = True, asyncio.get_running_loop().time()
        try:
            self._deliver(entries, reads)
        except Exception:
            self._request_catch_up("fault")  # restores what this delivery lost
            raise
        finally:
            self._writes.add(partial(self._written, len(self._writes), began))

    def _deliver(self, entries: Iterable[LiveEntry], reads: Iterable[LiveRead]) -> None:
        for run in contiguous_runs(entry for entry in entries if entry.site in self._hub.sites):
            last = run[-1]
            self._participants.put(last.site, last.conversation, last.visitor, last.assignee)
            self._hub.deliver(run)
            for entry in run:
                if entry.HasField("state"):
                    self._site_status.update(entry.state)
        for read in reads:
            self._hub.deliver_read(read)

    def _written(self, audience: int, began: float) -> None:
        """The delivery that began then is written to its audience."""
        loop = asyncio.get_running_loop()
        if audience >= LARGE_AUDIENCE and self._entries:
            loop.call_later(min(PAUSE_FACTOR * (loop.time() - began), MAX_PAUSE_S), self._resume)
        else:
            self._resume()

    def _resume(self) -> None:
        self._is_delivering = False
        # In an iteration of its own: an exception in it must not end the slice of writes that calls this.
        asyncio.get_running_loop().call_soon(self._deliver_waiting)

    def _observe_lag(self, entry: LiveEntry, now_ms: int) -> None:
        try:
            at_ms = parse_rfc3339(_timestamp_decoder.decode(entry.frame).at)
        except (ValueError, msgspec.DecodeError):
            return
        self._metrics.lag.observe(max(0, now_ms - at_ms) / 1000)


class GatewayEventConsumer:
    """Consumes the events of other gateways and the deltas of presence."""

    def __init__(
        self,
        hub: Hub,
        *,
        revocation: SessionRevocation,
        site_updates: SiteUpdates,
        agents: AgentRoster,
        visitors: VisitorRoster,
    ) -> None:
        self._hub = hub
        self._revocation = revocation
        self._site_updates = site_updates
        self._agents = agents
        self._visitors = visitors

    def on_subscribed(self) -> None:
        """A new subscription: deltas may have been missed."""
        self._agents.refresh.request_all()
        self._visitors.refresh.request_all()

    def consume(self, key: str, body: bytes) -> None:
        """Takes one event or delta, or raises InvalidMessage."""
        if key == TYPING_KEY:
            self._hub.deliver_typing(typing_notice(body))
        elif key == REVOKED_KEY:
            revoked = decoded(Revoked, body)
            if revoked.visitor:
                self._revocation.apply_visitor(revoked.site, revoked.visitor)
            else:
                self._revocation.apply(revoked.site, revoked.agent, revoked.session or None)
        elif key == SITE_KEY:
            self._site_updates.apply(decoded(SiteChanged, body).site)
        elif key == AVAILABILITY_KEY:
            self._agents.apply_delta(body)
        elif key.startswith(VISITORS_PREFIX):
            self._visitors.apply_delta(key.removeprefix(VISITORS_PREFIX), body)
