"""Common parts of the fuzzers: an own site, a time limit, and checks of the processes and their logs.

No process may end, no log may have an unexpected line, and none may contain a person's text or a secret.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from prometheus_client import CollectorRegistry

from kit.mongo import connect
from services.gateway.accounts.model import Site
from tests.support.eventually import eventually_sync
from tests.support.json_object import JsonObject
from tests.support.running import Running
from tests.system.extra_site import make_extra_site

SITE = "fuzzed"
PASSWORD = "a-secret-of-the-fuzzers"
# In every text that a fuzzer writes, so that a log which holds one is found.
MARK = "sesame-"
SERVICES = ("gateway", "presence", "chat", "tickets")
# Of each of the three fuzzers; `make fuzz SECONDS=…` gives them more.
SHORT_S = 6.0
# Small runs are repeated until the time is over, so that the limit holds. Shrinking a failure may take longer.
A_RUN = settings(
    max_examples=25,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def for_a_while(run: Callable[[], None]) -> None:
    """Calls it once at least, and again until the time is over."""
    end_s = time.monotonic() + float(os.environ.get("PALIQUE_FUZZ_SECONDS", SHORT_S))
    run()
    while time.monotonic() < end_s:
        run()


async def make_site(running: Running, email: str) -> None:
    """The fuzzers' own site, with an administrator; idempotent. Others' tests see nothing of what is done there."""
    site = Site(key=SITE, name="Fuzzed", enabled=True, origins=("loopback",))
    await make_extra_site(running, site, email=email, name="Faye", role="administrator", password=PASSWORD)


async def forget_throttles(running: Running) -> None:
    """All tests share one address, and a fuzzer fails to sign in more often than that address may."""
    client = connect(running.mongodb_url, app="tests", registry=CollectorRegistry())
    try:
        await client["palique_gateway"]["throttles"].delete_many({})
    finally:
        client.close()


@contextmanager
def nothing_breaks(running: Running, secrets: Callable[[], list[str]]) -> Iterator[None]:
    """Around a fuzzer; `secrets`, asked at the end, are what no log may hold beside the mark."""
    before = _pids(running)
    sizes = {path: path.stat().st_size for path in _logs(running)}
    yield
    assert _pids(running) == before, "a process ended"
    forbidden = [MARK, *secrets()]
    for path in _logs(running):
        for line in _lines_after(path, sizes.get(path, 0)):
            assert not any(word in line for word in forbidden), f"{path.name} tells what somebody wrote: {line}"
            assert "Traceback" not in line, f"{path.name}: {line}"
            assert _level(line) not in ("error", "critical"), f"{path.name}: {line}"


def still_answers(running: Running) -> None:
    """Every process says that it is ready."""
    import httpx  # noqa: PLC0415

    for service in SERVICES:
        for replica in range(len(running.described()["services"][service])):
            url = running.ops(service, replica) + "/readyz"
            eventually_sync(lambda url=url: httpx.get(url, verify=False).status_code == 200)  # type: ignore[misc]


def _pids(running: Running) -> dict[str, list[int]]:
    services: dict[str, list[JsonObject]] = running.described()["services"]
    return {name: [int(one["pid"]) for one in replicas] for name, replicas in services.items()}


def _logs(running: Running) -> list[Path]:
    return [path for path in (running.home / "logs").glob("*.log") if path.name.startswith(SERVICES)]


def _lines_after(path: Path, size: int) -> list[str]:
    with path.open("rb") as log:
        log.seek(size)
        return log.read().decode(errors="replace").splitlines()


def _level(line: str) -> str:
    try:
        return str(json.loads(line).get("level", ""))
    except (ValueError, AttributeError):
        return ""
