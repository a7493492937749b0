"""The stack into which faults are injected: three MongoDB members, RabbitMQ, two gateways, two chat processes, presence, tickets."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from tests.faults.checking import Finding
from tests.faults.load import Load, Verdict, load_on
from tests.faults.processes import Processes
from tests.support.eventually import eventually
from tests.support.proxy import Proxy
from tests.support.stack import NO_ENGINE, ONE_ADDRESS, Stack

REPLICAS = {
    "PALIQUE_REPLICAS": "gateway=2,chat=2",
    "PALIQUE_MONGODB_MEMBERS": "3",
    # A visitor of the load opens more chats than a person does.
    "PALIQUE_STACK_ENV_CHAT_1_PALIQUE_VISITOR_CHATS": "100000",
    "PALIQUE_STACK_ENV_CHAT_2_PALIQUE_VISITOR_CHATS": "100000",
    **ONE_ADDRESS,
}

# A broker needs ten seconds to start on a busy machine, and readiness is seen some seconds later.
BACK_S = 60.0
PROBE_S = 1.5


@dataclass
class Row:
    """A cell's fault, its promise and its counts. `others` are findings besides those of the ledger."""

    cell: str
    fault: str
    must_hold: str
    verdict: Verdict
    counts: dict[str, float] = field(default_factory=dict)
    others: list[Finding] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        return [*self.verdict.findings, *self.others]


class Bench:
    """A running stack. Addresses stay the same when processes restart."""

    def __init__(self, home: Path, described: Mapping[str, Any], seed: int) -> None:
        self.home = home
        self.processes = Processes(home)
        self.gateways = [str(entry["public"]) for entry in described["services"]["gateway"]]
        self.mongodb_url = str(described["mongodb"]["url"])
        self.seed = seed
        # The proxies between processes, by (caller, callee).
        self.links: Mapping[tuple[str, str], Proxy] = {}
        self.ops = {
            f"{service}-{number}": str(entry["ops"]).removeprefix("http://")
            for service, entries in described["services"].items()
            for number, entry in enumerate(entries, 1)
        }

    def load(self, **options: Any) -> AbstractAsyncContextManager[Load]:
        """Load on this stack, see `load_on`."""
        return load_on(self.gateways, self.mongodb_url, **{"seed": self.seed, **options})

    async def kill(self, name: str) -> None:
        """Sends SIGKILL and waits until the process works again."""
        dead = self.processes.running()[name].pid
        assert self.processes.kill(name)
        await self.is_back(name, dead)

    async def restart(self, name: str) -> None:
        """Stops the process in order and waits until it works again."""
        ended = self.processes.running()[name].pid
        self.processes.terminate(name)
        await self.is_back(name, ended)

    async def is_back(self, name: str, gone: int) -> None:
        """Waits until a process with another pid works."""

        async def is_up() -> bool:
            found = self.processes.running().get(name)
            return found is not None and found.pid != gone and await self.is_at_work(name)

        await eventually(is_up, BACK_S)

    async def is_at_work(self, name: str) -> bool:
        """True when a service reports that it can work; a backend counts as working when it runs."""
        return name not in self.ops or await asyncio.to_thread(serves, self.ops[name])


def serves(ops: str) -> bool:
    """True when /readyz at this operations address reports ready, with or without a broker."""
    try:
        return httpx.get(f"http://{ops}/readyz", timeout=PROBE_S, verify=False).status_code == HTTPStatus.OK
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def bench_in(home: Path, seed: int, env: Mapping[str, str] | None = None) -> AsyncIterator[Bench]:
    """A stack while the block runs; `env` overrides its settings."""
    stack = Stack(home, dict([NO_ENGINE]) | REPLICAS | dict(env or {}))
    try:
        await asyncio.to_thread(stack.start)
        yield Bench(home, stack.described, seed)
    finally:
        await asyncio.to_thread(stack.stop)
