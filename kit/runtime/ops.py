"""The operations port of every process: `/livez`, `/readyz`, `/metrics`. Never on the public port."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.runtime.accept_queue import AcceptQueue
from kit.runtime.connection_bounds import ConnectionBounds
from kit.runtime.file_limit import OPS_CONNECTIONS
from kit.runtime.http_server import LOG_LEVEL, serve_http, split_address
from kit.runtime.loop_lag import LoopLag
from kit.runtime.peer_faults import PeerFaults

# True while one dependency of the process answers.
Check = Callable[[], Awaitable[bool]]

# A probe that waits longer than Kubernetes' usual second is a failed one anyway.
CHECK_TIMEOUT_S = 0.9
# For running probes at the end.
GRACE_S = 1.0

# A browser that shows one of these responses takes it as what it says, and runs nothing.
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)

# Without these the process does no work: it is still creating indexes, or is stopping. Any other missing dependency degrades it only:
# if readiness depended on that, the outage of one part would become the outage of the whole.
REQUIRED = frozenset({"mongodb", "serving"})


def ops_app(
    registry: CollectorRegistry,
    checks: Mapping[str, Check],
    stopping: asyncio.Event,
    check_timeout_s: float = CHECK_TIMEOUT_S,
) -> Starlette:
    """`/readyz` names every missing dependency. It answers 503 while a required one is missing, and once the process stops."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readyz(_: Request) -> Response:
        not_there = await missing(checks, check_timeout_s)
        ready = REQUIRED.isdisjoint(not_there) and not stopping.is_set()
        why = {"stopping": True} if stopping.is_set() else {}
        return JSONResponse({"ok": ready, "missing": not_there, **why}, status_code=200 if ready else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    routes = [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
    return Starlette(routes=routes, middleware=[Middleware(_WithHeaders)])


class _WithHeaders:
    """Adds HEADERS to every response, also to those for unknown paths."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def serve_ops(
    address: str,
    registry: CollectorRegistry,
    checks: Mapping[str, Check],
    *,
    stopping: asyncio.Event,
    ended: asyncio.Event,
    faults: PeerFaults | None = None,
    check_timeout_s: float = CHECK_TIMEOUT_S,
) -> None:
    """Serves the operations port and measures the event loop until `ended`. `faults` counts for all ports of a process with several.

    Not ready once `stopping` is set, so that the process gets no new work.
    """
    host, port = split_address(address)
    counted = faults or PeerFaults(registry)
    queue = AcceptQueue(ConnectionBounds(OPS_CONNECTIONS, OPS_CONNECTIONS), counted)
    config = uvicorn.Config(
        ops_app(registry, checks, stopping, check_timeout_s),
        host=host,
        port=port,
        ws="none",
        log_config=None,
        log_level=LOG_LEVEL,
        access_log=False,
        lifespan="off",
    )
    measuring = asyncio.create_task(LoopLag(registry).run())
    try:
        await serve_http(config, queue, ended, grace_s=GRACE_S, faults=counted)
    finally:
        measuring.cancel()


async def missing(checks: Mapping[str, Check], timeout_s: float = CHECK_TIMEOUT_S) -> list[str]:
    """The names of the checks that do not pass in time."""
    results = await asyncio.gather(*(_passes(check, timeout_s) for check in checks.values()))
    return [name for name, passed in zip(checks, results, strict=True) if not passed]


async def _passes(check: Check, timeout_s: float) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            return await check()
    except Exception:  # noqa: BLE001 - any failure means not ready
        return False
