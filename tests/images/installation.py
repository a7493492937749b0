"""All services as containers, restricted as in Kubernetes: mutual TLS, and for each a broker user with the rights of the manifests."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import trustme

from devstack.ports import Ports
from devstack.rabbitmq import PrivateRabbit
from devstack.settings import SERVICES
from devstack.shared_backends import own_vhost
from tests.images.containers import Container, running
from tests.k8s.rendered import named
from tests.support.certificates import write_certificate
from tests.support.eventually import eventually_sync

WORD = "kX9vQpW2"
READY_S = 60
# The user that must be able to read the mounted certificates.
TLS = "/run/secrets/palique-tls"


@dataclass(frozen=True)
class Process:
    """One container; only a gateway has `public`."""

    container: Container
    ops: str
    public: str

    def wait_whole(self) -> None:
        """Waits until it is ready and misses nothing; otherwise the test fails with its logs."""
        try:
            eventually_sync(partial(_whole, self.ops), READY_S)
        except AssertionError:
            pytest.fail(f"{self.container.name} is not whole:\n{self.container.logs()}")


def _common(mongodb_url: str, prefix: str, tokens: Mapping[str, str]) -> dict[str, str]:
    """The settings that all processes share."""
    return {
        "PALIQUE_MODE": "development",
        "PALIQUE_MONGODB_URL": mongodb_url,
        "PALIQUE_MONGODB_PREFIX": prefix,
        "PALIQUE_RPC_TOKENS": ",".join(f"{name}:*:{token}" for name, token in tokens.items()),
        "PALIQUE_TLS_CERTIFICATE": f"{TLS}/tls.crt",
        "PALIQUE_TLS_KEY": f"{TLS}/tls.key",
        "PALIQUE_TLS_AUTHORITY": f"{TLS}/ca.crt",
    }


@contextmanager
def installed(
    program: str, broker: PrivateRabbit, mongodb_url: str, folder: Path, prefix: str, replicas: Mapping[str, int]
) -> Iterator[dict[str, Process]]:
    """All processes by name (`gateway-1`), ready. `prefix` is that of the databases; `replicas` defaults to one of each."""
    ports = Ports(folder / "ports.json")
    certificates = write_certificate(folder / "tls", trustme.CA()).certificate.parent
    certificates.chmod(0o755)
    processes = [(service, number) for service in SERVICES for number in range(1, replicas.get(service, 1) + 1)]

    def address(service: str, number: int, which: str) -> str:
        return f"127.0.0.1:{ports.port(f'{service}-{number}-{which}')}"

    tokens = {name: uuid.uuid4().hex for name in ("gateway", "tickets")}
    common = _common(mongodb_url, prefix, tokens)
    for called in ("chat", "presence", "tickets"):
        addresses = [address(service, number, "grpc") for service, number in processes if service == called]
        common[f"PALIQUE_{called.upper()}_ADDRESSES"] = ",".join(addresses)
    with ExitStack() as stack:
        vhost = stack.enter_context(_vhost(broker))
        found = {}
        for service, number in processes:
            public = address(service, number, "public")
            env = common | {
                "PALIQUE_AMQP_URL": _amqp_url(broker, vhost, service),
                "PALIQUE_OPS_ADDRESS": address(service, number, "ops"),
                "PALIQUE_GRPC_ADDRESS": address(service, number, "grpc"),
                "PALIQUE_PUBLIC_ADDRESS": public,
                "PALIQUE_RPC_TOKEN": tokens.get(service, "t" * 40),
            }
            name = f"{service}-{number}"
            container = stack.enter_context(running(program, service, f"{vhost}-{name}", env, [(certificates, TLS)]))
            found[name] = Process(container, env["PALIQUE_OPS_ADDRESS"], f"http://{public}")
        for process in found.values():
            process.wait_whole()
        yield found


@contextmanager
def _vhost(broker: PrivateRabbit) -> Iterator[str]:
    """A virtual host whose users have the rights of the manifests."""
    name = f"palique-{uuid.uuid4().hex[:8]}"
    with own_vhost(broker, name):
        for service in SERVICES:
            rights = named("local", "Permission", f"palique-{service}")["spec"]["permissions"]
            broker.control("add_user", f"{name}-{service}", WORD)
            broker.control(
                "set_permissions", "-p", name, f"{name}-{service}", rights["configure"], rights["write"], rights["read"]
            )
        yield name
        for service in SERVICES:
            broker.control("delete_user", f"{name}-{service}")


def _amqp_url(broker: PrivateRabbit, vhost: str, service: str) -> str:
    parts = urlsplit(broker.url)
    return f"amqp://{vhost}-{service}:{WORD}@{parts.hostname}:{parts.port}/{vhost}"


def _whole(address: str) -> bool:
    """True when it is ready and misses nothing."""
    try:
        answer = httpx.get(f"http://{address}/readyz", verify=False).json()
    except (httpx.TransportError, ValueError):
        return False
    return bool(answer["ok"]) and not answer["missing"]
