"""Reports the socket events of this gateway to presence, and renews its lease there.

Events keep their order per person. They go in batches, one call at a time per site. While presence is away they wait in a bounded queue;
when presence no longer knows this gateway, every socket is reported again.
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
from services.gateway.connection.connection import Connection
from services.gateway.connection.frame_codec import truncate_page
from services.gateway.connection.handlers import SyncHandler
from services.gateway.connection.peer import VISITOR, PeerIdentity
from services.gateway.fanout.hub import Hub
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.presence.report_queue import ReportQueue

# Presence keeps a lease for 25 s: four renewals may be lost.
RENEW_S = 5.0
RENEW_TIMEOUT_S = 3.0
RETRY_S = 1.0
# Refusals that a retry does not change.
_FINAL = frozenset({Code.INVALID, Code.TOO_LARGE, Code.FORBIDDEN, Code.NOT_SIGNED_IN})
# Internal errors in a row before a report is dropped, so that it does not block the events behind it for ever.
MAX_FAULTS = 5
ALL_SITES = "*"


class PresenceReporter:
    """`run` must be running."""

    def __init__(
        self,
        presence: PresencePool,
        *,
        hub: Hub,
        gateway_id: str,
        tasks: BackgroundTasks,
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
        failpoints: Failpoints,
    ) -> None:
        self._presence = presence
        self._report = failpoints.around(self._call_report, before="report.before_call", after="report.after_call")
        self._hub = hub
        self._gateway_id = gateway_id
        self._tasks = tasks
        self._now = now
        self._log = log
        self._metrics = metrics
        self._queues: dict[str, ReportQueue] = {}
        self._sending: set[str] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    def connected(self, connection: Connection, identity: PeerIdentity) -> None:
        self._note_front(connection)
        self._add(identity, self._connected_event(connection, identity))

    def disconnected(self, connection: Connection, identity: PeerIdentity) -> None:
        event = self._event(connection, identity)
        if identity.kind == VISITOR:
            event.visitor_disconnected.CopyFrom(VisitorDisconnected())
        else:
            event.agent_disconnected.CopyFrom(AgentDisconnected())
        self._add(identity, event)

    def page(self, connection: Connection, identity: PeerIdentity, frame: frames.PageView) -> None:
        """Handles a visitor's `page` frame."""
        connection.page = truncate_page(frame)
        self._note_front(connection)
        event = self._event(connection, identity)
        navigated = VisitorNavigated(page=_page(connection), front_at_ms=connection.front_at_ms)
        event.visitor_navigated.CopyFrom(navigated)
        self._add(identity, event)
        connection.protocol.request_done()

    def status(self, connection: Connection, identity: PeerIdentity, frame: frames.Status) -> None:
        """Handles an agent's `status` frame."""
        event = self._event(connection, identity)
        event.agent_chose_status.CopyFrom(AgentChoseStatus(status=frame.status))
        self._add(identity, event)
        connection.protocol.request_done()

    def sync_handlers(self) -> dict[type[frames.ClientFrame], SyncHandler]:
        return {frames.PageView: self.page, frames.Status: self.status}

    async def run(self) -> None:
        """Renews the lease until cancelled."""
        while True:
            await self._renew()
            await asyncio.sleep(RENEW_S)

    async def finish(self, timeout_s: float) -> None:
        """Waits until the queues are empty, up to the timeout. Presence detects the disconnects that are not reported."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        except TimeoutError:
            self._log.info("final reports not sent", events=len(self))

    async def _renew(self) -> None:
        request = RenewLeaseRequest(site=ALL_SITES, gateway=self._gateway_id)
        try:
            answer = await self._presence.call(
                lambda stub: stub.RenewLease, request, key=self._gateway_id, timeout_s=RENEW_TIMEOUT_S
            )
        except Refused as refused:
            self._log.warning("lease renewal failed", error=str(refused))
            return
        if not answer.known:
            self._report_all()

    def _report_all(self) -> None:
        for site_key, site in self._hub.sites.items():
            events = [
                self._connected_event(connection, connection.identity)
                for connection in site.all_connections()
                if connection.identity is not None
            ]
            self._queue(site_key).reset(events)
            self._start_sending(site_key)

    def _add(self, identity: PeerIdentity, event: SocketEvent) -> None:
        self._queue(identity.site).add(event)
        self._start_sending(identity.site)

    def _queue(self, site_key: str) -> ReportQueue:
        if site_key not in self._queues:
            self._queues[site_key] = ReportQueue()
        return self._queues[site_key]

    def _start_sending(self, site_key: str) -> None:
        if site_key not in self._sending:
            self._sending.add(site_key)
            self._idle.clear()
            self._tasks.start(self._send_all(site_key))

    async def _send_all(self, site_key: str) -> None:
        queue = self._queue(site_key)
        faults = 0
        try:
            while batch := queue.batch():
                refused = await self._send(site_key, batch)
                faults = faults + 1 if refused is Code.INTERNAL else 0
                if refused is None or refused in _FINAL or faults >= MAX_FAULTS:
                    queue.confirm(batch)
                else:
                    await asyncio.sleep(RETRY_S)
        finally:
            self._sending.discard(site_key)
            if not queue:
                self._queues.pop(site_key, None)
            if not self._sending:
                self._idle.set()

    async def _send(self, site_key: str, batch: Iterable[SocketEvent]) -> Code | None:
        """None when presence has the batch, else the refusal."""
        request = ReportRequest(site=site_key, gateway=self._gateway_id, events=batch)
        try:
            await self._report(request)
        except Refused as refused:
            self._metrics.reports.labels("refused" if refused.code in _FINAL else "again").inc()
            self._log.warning("report refused", site=site_key, error=str(refused))
            return refused.code
        self._metrics.reports.labels("taken").inc()
        return None

    async def _call_report(self, request: ReportRequest) -> ReportResponse:
        return await self._presence.call(lambda stub: stub.Report, request, key=request.site)

    def _connected_event(self, connection: Connection, identity: PeerIdentity) -> SocketEvent:
        event = self._event(connection, identity)
        if identity.kind == VISITOR:
            connected = VisitorConnected(
                page=_page(connection), origin=_origin(connection), front_at_ms=connection.front_at_ms
            )
            event.visitor_connected.CopyFrom(connected)
        else:
            event.agent_connected.CopyFrom(AgentConnected(name=identity.name))
        return event

    def _note_front(self, connection: Connection) -> None:
        if connection.page is not None and connection.page.front:
            connection.front_at_ms = self._now()

    def _event(self, connection: Connection, identity: PeerIdentity) -> SocketEvent:
        return SocketEvent(person=identity.id, connection=connection.id, at_ms=self._now())


def _page(connection: Connection) -> Page | None:
    page = connection.page
    return None if page is None else Page(url=page.url, title=page.title, referrer=page.referrer)


def _origin(connection: Connection) -> Origin | None:
    return None if connection.client_info is None else Origin(**connection.client_info._asdict())
