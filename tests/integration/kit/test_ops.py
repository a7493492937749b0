"""The operations port, over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from kit.runtime.http_server import split_address
from kit.runtime.ops import CHECK_TIMEOUT_S, Check, serve_ops
from tests.support.claimed_ports import claimed_ports
from tests.support.eventually import eventually


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"127.0.0.1:{claimed_ports(tmp_path / 'ports.json').port('ops')}"


@asynccontextmanager
async def serving(
    address: str,
    checks: Mapping[str, Check],
    registry: CollectorRegistry | None = None,
    stopping: asyncio.Event | None = None,
    check_timeout_s: float = CHECK_TIMEOUT_S,
) -> AsyncIterator[httpx.AsyncClient]:
    ended = asyncio.Event()
    serving = serve_ops(
        address,
        registry or CollectorRegistry(),
        checks,
        stopping=stopping or asyncio.Event(),
        ended=ended,
        check_timeout_s=check_timeout_s,
    )
    task = asyncio.create_task(serving)
    async with httpx.AsyncClient(base_url=f"http://{address}", verify=False) as client:

        async def alive() -> bool:
            try:
                return (await client.get("/livez")).status_code == 200
            except httpx.TransportError as error:
                raise AssertionError from error

        await eventually(alive)
        yield client
        ended.set()
        await asyncio.wait_for(task, 5)


async def there() -> bool:
    return True


async def away() -> bool:
    return False


async def failing() -> bool:
    raise OSError("gone")


async def hanging() -> bool:
    await asyncio.Event().wait()
    return True


async def test_with_all_dependencies_it_is_ready(address: str) -> None:
    async with serving(address, {"mongodb": there, "rabbitmq": there}) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"ok": True, "missing": []})


@pytest.mark.parametrize("check", [away, failing, hanging])
async def test_without_the_database_it_is_not_ready_and_names_it(address: str, check: Check) -> None:
    async with serving(address, {"mongodb": check, "rabbitmq": there}, check_timeout_s=0.05) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ok": False, "missing": ["mongodb"]})
        assert (await client.get("/livez")).status_code == 200


async def test_without_any_other_dependency_it_stays_ready_and_names_it(address: str) -> None:
    """F3: chat continues without the broker."""
    async with serving(address, {"mongodb": there, "rabbitmq": failing, "chat": away}) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (
            200,
            {"ok": True, "missing": ["rabbitmq", "chat"]},
        )


async def test_a_stopping_process_is_not_ready_and_still_answers(address: str) -> None:
    """It gets no new work, and its last metrics are not lost."""
    stopping = asyncio.Event()
    async with serving(address, {"mongodb": there}, stopping=stopping) as client:
        stopping.set()
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ok": False, "missing": [], "stopping": True})
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200


async def test_metrics_come_from_the_registry(address: str) -> None:
    registry = CollectorRegistry()
    Counter("palique_test", "A test.", registry=registry).inc()
    async with serving(address, {}, registry) as client:
        answer = await client.get("/metrics")
        assert "palique_test_total 1.0" in answer.text
        assert answer.headers["content-type"].startswith("text/plain")


async def test_an_address_in_use_is_an_error(address: str) -> None:
    async with serving(address, {}):
        with pytest.raises(OSError, match="in use"):
            await serve_ops(address, CollectorRegistry(), {}, stopping=asyncio.Event(), ended=asyncio.Event())


def test_addresses_are_split_into_host_and_port() -> None:
    assert split_address("127.0.0.1:80") == ("127.0.0.1", 80)
    assert split_address("[::1]:80") == ("::1", 80)
    for wrong in ("", "host", ":80", "host:", "host:http"):
        with pytest.raises(ValueError):
            split_address(wrong)


async def test_every_response_is_taken_as_what_it_says_and_stored_nowhere(address: str) -> None:
    async with serving(address, {}) as http:
        for path in ("/livez", "/readyz", "/metrics", "/nothing"):
            headers = (await http.get(path)).headers
            assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store"), path
            assert "default-src 'none'" in headers["content-security-policy"], path
