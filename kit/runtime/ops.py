"""The operations port of every process: `/livez`, `/readyz`, `/metrics`. Never on the public port."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kit.runtime.accept_queue import AcceptQueue
from kit.runtime.http_server import serve_http, split_address
from kit.runtime.loop_lag import LoopLag

# Tells whether one thing behind the process answers. True: there.
Check = Callable[[], Awaitable[bool]]

# A probe that waits longer than Kubernetes' usual second is a failed one anyway.
CHECK_TIMEOUT_S = 0.9

# Without these nothing here works: a process that makes indexes, or is on its way out, is alive and takes no work. Everything else degrades:
# taking a process out of service for it would turn the outage of a part into the outage of the whole.
REQUIRED = frozenset({"mongodb", "serving"})


def ops_app(registry: CollectorRegistry, checks: Mapping[str, Check], stopping: asyncio.Event) -> Starlette:
    """`/readyz` names everything that is missing, and answers 503 while something required is, or once the process stops."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readyz(_: Request) -> Response:
        not_there = await missing(checks)
        ready = REQUIRED.isdisjoint(not_there) and not stopping.is_set()
        why = {"stopping": True} if stopping.is_set() else {}
        return JSONResponse({"ok": ready, "missing": not_there, **why}, status_code=200 if ready else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    routes = [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
    return Starlette(routes=routes)


async def serve_ops(
    address: str,
    registry: CollectorRegistry,
    checks: Mapping[str, Check],
    *,
    stopping: asyncio.Event,
    ended: asyncio.Event,
) -> None:
    """Serves the operations port until `ended`, and measures the loop meanwhile.

    From `stopping` on the process is not ready, which keeps new work away from it.
    """
    host, port = split_address(address)
    config = uvicorn.Config(
        ops_app(registry, checks, stopping),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    measuring = asyncio.create_task(LoopLag(registry).run())
    try:
        await serve_http(config, AcceptQueue(), ended)
    finally:
        measuring.cancel()


async def missing(checks: Mapping[str, Check]) -> list[str]:
    """The names of those that do not answer within the time of a probe."""
    results = await asyncio.gather(*(_passes(check) for check in checks.values()))
    return [name for name, passed in zip(checks, results, strict=True) if not passed]


async def _passes(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not ready
        return False
