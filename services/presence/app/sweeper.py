"""What time does: who lingered out is gone, what hung on a lapsed lease is cut, who turns no page is idle.

Runs in every process at once; each record changes under its own condition, so a second sweeper finds nothing left to do.
"""

import asyncio
import time
from collections.abc import Callable

from kit.runtime.logs import Log
from services.presence.app.optimistic_update import CHUNK, agents_settler, visitors_settler
from services.presence.domain import agent as agents_domain
from services.presence.domain import visitor as visitors_domain
from services.presence.domain.agent import Agent
from services.presence.domain.visitor import LeasesLapsed, Tick, Visitor
from services.presence.metrics import Metrics
from services.presence.ports import Deltas, PresenceStore

# Adds at most this to each bound that is promised.
EVERY_S = 1.0
# Counting all sites reads the whole index of those online, so not each time; a scrape comes every 15 s.
COUNT_EVERY_MS = 5000


class Sweeper:
    def __init__(
        self, store: PresenceStore, deltas: Deltas, *, now: Callable[[], int], metrics: Metrics, log: Log
    ) -> None:
        self._store = store
        self._deltas = deltas
        self._now = now
        self._metrics = metrics
        self._log = log
        self._visitors = visitors_settler(store.visitors, deltas, now, metrics)
        self._agents = agents_settler(store.agents, deltas, now, metrics)
        self._counted_at: int | None = None

    async def run(self) -> None:
        """Sweeps until cancelled; a failing sweep is tried again at the next."""
        while True:
            started = time.perf_counter()
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001 - the database away, or others first: the next sweep tries again
                self._log.warning("a sweep could not finish", error=type(error).__name__)
            self._metrics.sweep_seconds.observe(time.perf_counter() - started)
            await asyncio.sleep(EVERY_S)

    async def sweep(self) -> None:
        """One pass."""
        await self._cut_lapsed()
        while found := await self._store.visitors.due(self._now(), CHUNK):
            await self._visitors.settle(found, found, self._visitor_ticks, "time")
        while due := await self._store.agents.due(self._now(), CHUNK):
            await self._agents.settle(due, due, self._agent_ticks, "time")
        await self._count()

    async def _cut_lapsed(self) -> None:
        now = self._now()
        leases = await self._store.leases_lapsed(now)
        if not leases:
            return
        lapsed = LeasesLapsed(leases)

        def cut_visitor(_: str, before: Visitor | None) -> Visitor | None:
            return before and visitors_domain.step(before, lapsed, self._now())

        def cut_agent(_: str, before: Agent | None) -> Agent | None:
            return before and agents_domain.step(before, lapsed, self._now())

        while visitors := await self._store.visitors.holding(leases, CHUNK):
            self._log.info("sockets of silent gateways are cut", visitors=len(visitors))
            await self._visitors.settle(visitors, visitors, cut_visitor, "lease")
        while agents := await self._store.agents.holding(leases, CHUNK):
            await self._agents.settle(agents, agents, cut_agent, "lease")
        self._metrics.leases_lost.inc(await self._store.forget_gateways(now))

    def _visitor_ticks(self, _: str, before: Visitor | None) -> Visitor | None:
        return before and visitors_domain.step(before, Tick(), self._now())

    def _agent_ticks(self, _: str, before: Agent | None) -> Agent | None:
        return before and agents_domain.step(before, Tick(), self._now())

    async def _say_first_gap(self) -> None:
        """Of every site that is watched: the process before this one may have ended with something untold."""
        for site in await self._store.sites_with_agents():
            self._deltas.say_gap(site)

    async def _count(self) -> None:
        if self._counted_at is not None and self._now() - self._counted_at < COUNT_EVERY_MS:
            return
        self._metrics.online.set(sum((await self._store.online_by_site()).values()))
        if self._counted_at is None:
            await self._say_first_gap()
        self._counted_at = self._now()
