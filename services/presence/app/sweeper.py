"""Changes by time: ends visits after the linger, removes connections of lapsed leases, marks visitors idle.

Runs in every process. Each record changes under its own condition, so a second sweeper finds nothing left to do.
"""

import asyncio
import time
from collections.abc import Callable

from kit.runtime.logs import Log
from services.presence.app.optimistic_update import UPDATE_BATCH, AgentUpdater, VisitorUpdater
from services.presence.domain import agent as agent_machine
from services.presence.domain import visitor as visitor_machine
from services.presence.domain.agent import Agent
from services.presence.domain.visitor import LeasesLapsed, Tick, Visitor
from services.presence.metrics import Metrics
from services.presence.ports import Deltas, PresenceRecords

# Adds at most this to each promised bound.
SWEEP_EVERY_S = 1.0
# The count over all sites reads the whole index of online visitors, so not in each sweep. A scrape comes every 15 s.
COUNT_EVERY_MS = 5000


class Sweeper:
    """`run` must be running, or visits never end."""

    def __init__(
        self,
        records: PresenceRecords,
        deltas: Deltas,
        *,
        now: Callable[[], int],
        metrics: Metrics,
        log: Log,
        every_s: float = SWEEP_EVERY_S,
    ) -> None:
        self._records = records
        self._deltas = deltas
        self._now = now
        self._metrics = metrics
        self._log = log
        self._every_s = every_s
        self._visitors = VisitorUpdater(records.visitors, deltas, now=now, metrics=metrics)
        self._agents = AgentUpdater(records.agents, deltas, now=now, metrics=metrics)
        self._counted_at: int | None = None

    async def run(self) -> None:
        """Sweeps until cancelled. The next sweep repeats what a failed one left."""
        while True:
            started = time.perf_counter()
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001 - no database, or lost races: the next sweep repeats it
                self._log.warning("sweep failed", error=type(error).__name__)
            self._metrics.sweep_seconds.observe(time.perf_counter() - started)
            await asyncio.sleep(self._every_s)

    async def sweep(self) -> None:
        """One pass over all that is due."""
        await self._remove_lapsed()
        while visitors := await self._records.visitors.due(self._now(), UPDATE_BATCH):
            await self._visitors.update(visitors, visitors, self._tick_visitor, "time")
        while agents := await self._records.agents.due(self._now(), UPDATE_BATCH):
            await self._agents.update(agents, agents, self._tick_agent, "time")
        await self._count()

    async def _remove_lapsed(self) -> None:
        now = self._now()
        lease_ids = await self._records.lapsed_leases(now)
        if not lease_ids:
            return
        lapsed = LeasesLapsed(lease_ids)

        def change_visitor(_: str, before: Visitor | None) -> Visitor | None:
            return before and visitor_machine.apply_event(before, lapsed, self._now())

        def change_agent(_: str, before: Agent | None) -> Agent | None:
            return before and agent_machine.apply_event(before, lapsed, self._now())

        while visitors := await self._records.visitors.holding(lease_ids, UPDATE_BATCH):
            self._log.info("connections of lapsed leases removed", visitors=len(visitors))
            await self._visitors.update(visitors, visitors, change_visitor, "lease")
        while agents := await self._records.agents.holding(lease_ids, UPDATE_BATCH):
            await self._agents.update(agents, agents, change_agent, "lease")
        self._metrics.leases_lost.inc(await self._records.delete_lapsed(now))

    def _tick_visitor(self, _: str, before: Visitor | None) -> Visitor | None:
        return before and visitor_machine.apply_event(before, Tick(), self._now())

    def _tick_agent(self, _: str, before: Agent | None) -> Agent | None:
        return before and agent_machine.apply_event(before, Tick(), self._now())

    async def _count(self) -> None:
        if self._counted_at is not None and self._now() - self._counted_at < COUNT_EVERY_MS:
            return
        self._metrics.online.set(sum((await self._records.online_by_site()).values()))
        if self._counted_at is None:
            await self._mark_first_gaps()
        self._counted_at = self._now()

    async def _mark_first_gaps(self) -> None:
        """A gap for every site with agents: the process before this one may have stopped with unpublished changes."""
        for site in await self._records.sites_with_agents():
            self._deltas.mark_gap(site)
