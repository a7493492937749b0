"""The stack that faults are done to: three MongoDB members, RabbitMQ, two gateways, two chat processes, presence, tickets."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.checking import Finding
from tests.faults.load import Load, Verdict, load_on
from tests.faults.processes import Processes
from tests.stack import NO_ENGINE, Stack

REPLICAS = {"PALIQUE_REPLICAS": "gateway=2,chat=2", "PALIQUE_MONGODB_MEMBERS": "3"}


@dataclass
class Row:
    """What a cell did, what had to hold, and what was counted. `others` are findings beside the ledger's."""

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
    """A running stack. Addresses stay the same however often processes die."""

    def __init__(self, home: Path, described: Mapping[str, Any], seed: int) -> None:
        self.home = home
        self.processes = Processes(home)
        self.gateways = [str(entry["public"]) for entry in described["services"]["gateway"]]
        self.gateways_ops = [str(entry["ops"]) for entry in described["services"]["gateway"]]
        self.mongodb_url = str(described["mongodb"]["url"])
        self.amqp_url = str(described["rabbitmq"]["url"])
        self.seed = seed

    def load(self, **options: Any) -> AbstractAsyncContextManager[Load]:
        """People on this stack, see `load_on`."""
        return load_on(self.gateways, self.mongodb_url, **{"seed": self.seed, **options})


@contextmanager
def bench_in(home: Path, seed: int, env: Mapping[str, str] | None = None) -> Iterator[Bench]:
    """A stack of its own while the block runs; `env` goes over its settings."""
    stack = Stack(home, dict([NO_ENGINE]) | REPLICAS | dict(env or {}))
    try:
        stack.start()
        yield Bench(home, stack.described, seed)
    finally:
        stack.stop()
