"""Telling presence what happens on the sockets here, and that this gateway lives.

In order per person, in batches, one under way per site. While presence is away it waits, bounded; when presence has forgotten
this gateway, every socket is reported again.
"""

import asyncio
from collections.abc import Callable, Iterable

from palique.presence.v1.presence_pb2 import (
    AgentChoseStatus,
    AgentConnected,
    AgentDisconnected,
    Origin,
    Page,
    RenewLeaseRequest,
    ReportRequest,
    ReportResponse,
    SocketEvent,
    VisitorConnected,
    VisitorDisconnected,
    VisitorNavigated,
)

from kit.codes import Code, Refused
from kit.failpoints import Failpoints
from kit.runtime.logs import Log
from services.gateway.backends import PresencePool
from services.gateway.connection import frames
from services.gateway.connection.connection import VISITOR, Connection, PeerIdentity
from services.gateway.connection.frame_codec import truncate_page
from services.gateway.connection.handlers import SyncHandler
from services.gateway.fanout.hub import Hub
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.presence.report_queue import ReportQueue

# A lease lasts 25 s at presence: four renewals may be lost.
RENEW_S = 5.0
RENEW_TIMEOUT_S = 3.0
AGAIN_S = 1.0
# Presence will say the same however often it is asked.
_FINAL = frozenset({Code.INVALID, Code.TOO_LARGE, Code.FORBIDDEN, Code.NOT_SIGNED_IN})
# Something in the report breaks presence: it must not hold up what comes behind it for ever.
MAX_FAULTS = 5
ALL_SITES = "*"


class PresenceReporter:
    """`run` must be running."""

    def __init__(
        self,
        presence: PresencePool,
        *,
        hub: Hub,
        gateway: str,
        tasks: BackgroundTasks,
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
        failpoints: Failpoints,
    ) -> None:
        self._presence = presence
        self._report = failpoints.around(self._reported, before="report.before_call", after="report.after_call")
        self._hub = hub
        self._gateway = gateway
        self._tasks = tasks
        self._now = now
        self._log = log
        self._metrics = metrics
        self._sites: dict[str, ReportQueue] = {}
        self._sending: set[str] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        return sum(len(reports) for reports in self._sites.values())

    def came(self, link: Connection, who: PeerIdentity) -> None:
        self._add(who, self._connected(link, who))

    def left(self, link: Connection, who: PeerIdentity) -> None:
        event = self._event(link, who)
        if who.kind == VISITOR:
            event.visitor_disconnected.CopyFrom(VisitorDisconnected())
        else:
            event.agent_disconnected.CopyFrom(AgentDisconnected())
        self._add(who, event)

    def page(self, link: Connection, who: PeerIdentity, frame: frames.PageView) -> None:
        """The visitor went to another page."""
        link.page = truncate_page(frame)
        event = self._event(link, who)
        event.visitor_navigated.CopyFrom(VisitorNavigated(page=_page(link)))
        self._add(who, event)
        link.protocol.request_done()

    def status(self, link: Connection, who: PeerIdentity, frame: frames.Status) -> None:
        """The agent chose a status."""
        event = self._event(link, who)
        event.agent_chose_status.CopyFrom(AgentChoseStatus(status=frame.status))
        self._add(who, event)
        link.protocol.request_done()

    def sync_handlers(self) -> dict[type[frames.ClientFrame], SyncHandler]:
        return {frames.PageView: self.page, frames.Status: self.status}

    async def run(self) -> None:
        """Renews the lease until cancelled."""
        while True:
            await self._renew()
            await asyncio.sleep(RENEW_S)

    async def finish(self, seconds: float) -> None:
        """Gives what waits some time to go out."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            self._log.info("presence will find out by itself who left", events=len(self))

    async def _renew(self) -> None:
        request = RenewLeaseRequest(site=ALL_SITES, gateway=self._gateway)
        try:
            answer = await self._presence.call(
                lambda stub: stub.RenewLease, request, key=self._gateway, timeout_s=RENEW_TIMEOUT_S
            )
        except Refused as refused:
            self._log.warning("the lease could not be renewed", error=str(refused))
            return
        if not answer.known:
            self._report_everybody()

    def _report_everybody(self) -> None:
        for site, links in self._hub.sites.items():
            events = [self._connected(link, link.identity) for link in links.all_links() if link.identity is not None]
            self._of(site).start_anew(events)
            self._send_soon(site)

    def _add(self, who: PeerIdentity, event: SocketEvent) -> None:
        self._of(who.site).add(event)
        self._send_soon(who.site)

    def _of(self, site: str) -> ReportQueue:
        if site not in self._sites:
            self._sites[site] = ReportQueue()
        return self._sites[site]

    def _send_soon(self, site: str) -> None:
        if site not in self._sending:
            self._sending.add(site)
            self._idle.clear()
            self._tasks.start(self._send_all(site))

    async def _send_all(self, site: str) -> None:
        reports = self._of(site)
        faults = 0
        try:
            while batch := reports.batch():
                refused = await self._sent(site, batch)
                faults = faults + 1 if refused is Code.INTERNAL else 0
                if refused is None or refused in _FINAL or faults >= MAX_FAULTS:
                    reports.confirmed(batch)
                else:
                    await asyncio.sleep(AGAIN_S)
        finally:
            self._sending.discard(site)
            if not reports:
                self._sites.pop(site, None)
            if not self._sending:
                self._idle.set()

    async def _sent(self, site: str, batch: Iterable[SocketEvent]) -> Code | None:
        """None: presence has it. Else why not."""
        request = ReportRequest(site=site, gateway=self._gateway, events=batch)
        try:
            await self._report(request)
        except Refused as refused:
            self._metrics.reports.labels("refused" if refused.code in _FINAL else "again").inc()
            self._log.warning("a report was not taken", site=site, error=str(refused))
            return refused.code
        self._metrics.reports.labels("taken").inc()
        return None

    async def _reported(self, request: ReportRequest) -> ReportResponse:
        return await self._presence.call(lambda stub: stub.Report, request, key=request.site)

    def _connected(self, link: Connection, who: PeerIdentity) -> SocketEvent:
        event = self._event(link, who)
        if who.kind == VISITOR:
            event.visitor_connected.CopyFrom(VisitorConnected(page=_page(link), origin=_origin(link)))
        else:
            event.agent_connected.CopyFrom(AgentConnected(name=who.name))
        return event

    def _event(self, link: Connection, who: PeerIdentity) -> SocketEvent:
        return SocketEvent(person=who.id, connection=link.id, at_ms=self._now())


def _page(link: Connection) -> Page | None:
    page = link.page
    return None if page is None else Page(url=page.url, title=page.title, referrer=page.referrer)


def _origin(link: Connection) -> Origin | None:
    return None if link.client_info is None else Origin(**link.client_info._asdict())
