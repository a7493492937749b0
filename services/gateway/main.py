"""The gateway process: builds all objects and runs them until the process is asked to stop.

Without MongoDB, new sign-ins fail and connections stay. Without chat, messages are answered with `retry`. Without the broker or
presence, conversations go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from starlette.applications import Starlette

from kit.mongo import close, prepared
from kit.runtime.accept_queue import AcceptQueue
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.http_server import serve_http
from kit.runtime.ops import serve_ops
from kit.runtime.process import run, set_up
from kit.times import rfc3339
from services.gateway.accounts.demo_data import refuse_demo_sign_ins
from services.gateway.accounts.setup import Setup
from services.gateway.backends import Backends
from services.gateway.bus_connections import BusConnections
from services.gateway.bus_consumer import GatewayEventConsumer, HintConsumer
from services.gateway.client_info.address import counted_network
from services.gateway.client_info.user_agent import describe
from services.gateway.connection.server_config import public_config
from services.gateway.http import HttpRoutes
from services.gateway.live_parts import LiveParts
from services.gateway.overload.background_tasks import run_forever
from services.gateway.settings import Settings
from services.gateway.websocket_endpoint import PublicApp

# For the last reports to presence, which otherwise notices the disconnects when the lease expires.
FINISH_S = 2.0
# For HTTP requests in progress, after the websockets are closed.
HTTP_GRACE_S = 2.0
# Addresses whose networks are remembered.
NETWORKS = 4096


class Gateway(LiveParts):
    """One gateway process, composed. `run` may be called once."""

    # True while browsers can connect.
    _serving = False

    def _build(self) -> None:
        super()._build()
        self._build_bus()
        self._app = PublicApp(self.websockets, self._build_http())
        self._measure_queues()

    def _build_bus(self) -> None:
        """The two bus connections and their consumers: hints of chat, and events of gateways and presence."""
        self.hint_consumer = HintConsumer(
            self.hub,
            writes=self._flush_queues.writes,
            participants=self.participants,
            site_status=self.site_status,
            request_catch_up=self.catch_up.request,
            now=self._now,
            metrics=self.metrics,
        )
        event_consumer = GatewayEventConsumer(
            self.hub,
            revocation=self.session_revocation,
            site_updates=self.site_updates,
            agents=self.agent_roster,
            visitors=self.visitor_roster,
        )
        self.bus = BusConnections(
            self._settings.amqp_url,
            self.boot_id,
            self.hint_consumer,
            event_consumer,
            self._publisher,
            failpoints=self._failpoints,
            log=self._log,
            registry=self._registry,
            metrics=self.metrics,
            traces=self._traces,
        )
        self.visitor_roster.subscriber = self.bus.events

    def _build_http(self) -> Starlette:
        """The HTTP API and the static files."""
        return Starlette(
            routes=HttpRoutes(
                store=self.store,
                identities=self.identities,
                passwords=self._passwords,
                backends=Backends(self.presence, self.chat, self.tickets, self.mail),
                photos=self._photos,
                revocations=self.session_revocation,
                site_changes=self.site_updates,
                trusted_proxies=self._trusted_proxies,
                public=self._public,
                public_origin=next(iter(self._settings.public_origins), ""),
                web_dir=Path(self._settings.web_dir),
                development=self._settings.mode == "development",
                cookie_secure=self._settings.secure_cookies,
                clock=self._now,
                log=self._log,
                registry=self._registry,
            ).all()
        )

    def _measure_queues(self) -> None:
        self.metrics.measure_queues(
            {
                "append": self.append_batcher,
                "hints": self.hint_consumer,
                "tokens": self.tokens,
                "sync": self.sync_batcher,
                "reads": self.message_handlers,
                "presence": self.presence_reporter,
                "backlogs": self.websockets,
                "passwords": self._passwords,
                "photos": self._photos,
                "tasks": self.tasks,
            }
        )

    async def _is_serving(self) -> bool:
        return self._serving

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`; then drains the connections and closes everything."""
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(self._serve(stopping))
            background = [group.create_task(run_forever(loop, self._log)) for loop in self._background()]
            await serving
            for task in background:
                task.cancel()
        await self.tasks.stop()
        await self._close()

    async def _close(self) -> None:
        for pool in (self.chat, self.routing, self.presence, self.tickets, self.mail):
            await pool.close()
        self._passwords.close()
        self._photos.close()
        self._geoip.close()
        close(self._mongo)

    def _background(self) -> Sequence[Callable[[], Awaitable[None]]]:
        batchers = (self.append_batcher, self.sync_batcher, self.tokens, self.message_handlers)
        fanout = (self.catch_up, self.site_status, self.session_revocation, self.site_updates, self.outage_notice)
        presence = (self.presence_reporter, self.visitor_roster, self.visitor_roster.refresh, self.agent_roster.refresh)
        edges = (self.bus.live, self.bus.presence, self.hint_consumer, self.websockets)
        watchers = (self.overload_monitor, self.refusal_summary, self.lost_agents)
        return [each.run for each in (*edges, *batchers, *fanout, *presence, *watchers)]

    async def _serve(self, stopping: asyncio.Event) -> None:
        address, ended = self._settings.ops_address, asyncio.Event()
        checks = {**self._checks, "serving": self._is_serving}
        async with asyncio.TaskGroup() as group:
            group.create_task(
                serve_ops(address, self._registry, checks, faults=self._peer_faults, stopping=stopping, ended=ended)
            )
            if await prepared(self._prepare, stopping, self._log):
                await self._serve_public(stopping)
            ended.set()

    async def _serve_public(self, stopping: asyncio.Event) -> None:
        # The first call loads the rules in a tenth of a second, during which no connection could be served.
        await asyncio.to_thread(describe, "")
        faults, closing = self._peer_faults, asyncio.Event()
        config = public_config(self._app, self._settings.public_address, self._flush_queues, faults)
        # A flood comes from few addresses, and parsing one costs as much as its accept.
        network_of = lru_cache(NETWORKS)(partial(counted_network, trusted_proxies=self._trusted_proxies))
        accept_queue = AcceptQueue(self._http_bounds, faults, network_of=network_of)
        self.metrics.measure_queues({"hall": accept_queue, "http": self._http_bounds})
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_http(config, accept_queue, closing, grace_s=HTTP_GRACE_S, faults=faults))
            self._log.info("gateway ready", public=self._settings.public_address, boot=self.boot_id)
            freeze_gc()
            self._serving = True
            await stopping.wait()
            self._log.info("gateway stopping", connections=len(self.hub.connections))
            await self.websockets.drain(self._settings.drain_ms)
            await self.presence_reporter.finish(FINISH_S)
            closing.set()

    async def _prepare(self) -> None:
        await self.store.ensure_indexes()
        if self._settings.mode == "production":
            await refuse_demo_sign_ins(self.store)
        await self._offer_setup()

    async def _offer_setup(self) -> None:
        """Logs a code for the set-up page while there is no site, except the one that another gateway has logged."""
        setup = Setup(self.store, self._now)
        if not await setup.needed():
            return
        page = f"{next(iter(self._settings.public_origins), f'http://{self._settings.public_address}')}/dashboard/"
        offered = await setup.offer()
        if offered is None:
            self._log.info("set-up code logged before", page=page, command="palique setup")
        else:
            self._log.info("set-up code created", page=page, code=offered[0], until=rfc3339(offered[1]))


async def serve(stopping: asyncio.Event) -> None:
    """Runs the process from set-up to the end."""
    async with set_up("gateway", Settings) as (settings, log, registry, traces):
        await Gateway(settings, log=log, registry=registry, traces=traces).run(stopping)


def main() -> None:
    """`palique serve gateway`, and `python -m services.gateway.main`."""
    run(serve)


if __name__ == "__main__":
    main()
