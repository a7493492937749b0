"""The first story against the images: certificates between services, least rights in RabbitMQ, nothing writable (issue 6).

`make images-test` builds them first; without an engine, or without the images, this says so and is skipped.
"""

import re
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest
import trustme

from devstack.ports import Ports
from devstack.rabbitmq import PrivateRabbit
from devstack.settings import SERVICES
from devstack.shared_backends import SharedBackend, own_vhost
from tests.eventually import eventually_sync
from tests.images.containers import Container, engine, image, running
from tests.integration.kit.test_rpc_tls import write_certificate
from tests.k8s.rendered import named
from tests.system.people import Agent, Visitor
from tests.system.protocol_client import Browser
from tests.system.test_logs_and_tickets import talk

PASSWORD = "correct horse battery"
WORD = "kX9vQpW2"
READY_S = 60
TOKENS = {name: uuid.uuid4().hex for name in ("gateway", "tickets")}


@pytest.fixture(scope="module")
def program() -> str:
    found = engine()
    if found is None:
        pytest.skip("NOT TESTED: neither podman nor docker runs here, so the images were not tried")
    if subprocess.run([found, "image", "inspect", image("gateway")], check=False, capture_output=True).returncode:
        pytest.skip("NOT TESTED: there are no images; `make images` builds them")
    return found


@pytest.fixture(scope="module")
def vhost(rabbitmq: SharedBackend) -> Iterator[str]:
    """A virtual host whose users have the very rights of the manifests."""
    broker = rabbitmq.backend
    if not isinstance(broker, PrivateRabbit):
        pytest.skip("NOT TESTED: the rights need a broker of our own")
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


@pytest.fixture(scope="module")
def containers(
    program: str, vhost: str, rabbitmq: SharedBackend, mongodb_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Container]]:
    """All four, ready."""
    folder = tmp_path_factory.mktemp("containers")
    ports = Ports(folder / "ports.json")
    certificates = write_certificate(folder / "tls", trustme.CA()).certificate.parent
    certificates.chmod(0o755)
    grpc = {service: f"127.0.0.1:{ports.port(f'{service}-grpc')}" for service in SERVICES}
    broker = urlsplit(rabbitmq.url)
    common = {
        "PALIQUE_MODE": "development",
        "PALIQUE_MONGODB_URL": mongodb_url,
        "PALIQUE_MONGODB_PREFIX": vhost,
        "PALIQUE_RPC_TOKENS": ",".join(f"{name}:*:{token}" for name, token in TOKENS.items()),
        **{f"PALIQUE_{service.upper()}_ADDRESSES": grpc[service] for service in ("chat", "presence", "tickets")},
        "PALIQUE_TLS_CERTIFICATE": "/run/secrets/palique-tls/tls.crt",
        "PALIQUE_TLS_KEY": "/run/secrets/palique-tls/tls.key",
        "PALIQUE_TLS_AUTHORITY": "/run/secrets/palique-tls/ca.crt",
    }
    found: dict[str, Container] = {}
    with ExitStack() as stack:
        for service in SERVICES:
            env = common | {
                "PALIQUE_AMQP_URL": f"amqp://{vhost}-{service}:{WORD}@{broker.hostname}:{broker.port}/{vhost}",
                "PALIQUE_OPS_ADDRESS": f"127.0.0.1:{ports.port(f'{service}-ops')}",
                "PALIQUE_GRPC_ADDRESS": grpc[service],
                "PALIQUE_PUBLIC_ADDRESS": f"127.0.0.1:{ports.port('public')}",
                "PALIQUE_RPC_TOKEN": TOKENS.get(service, "t" * 40),
            }
            mounts = [(certificates, "/run/secrets/palique-tls")]
            found[service] = stack.enter_context(running(program, service, f"{vhost}-{service}", env, mounts))
        for service, container in found.items():
            address = f"127.0.0.1:{ports.port(f'{service}-ops')}"
            try:
                eventually_sync(partial(_whole, address), READY_S)
            except AssertionError:
                pytest.fail(f"{service} is not whole:\n{container.logs()}")
        found["gateway"].palique("create-site", "shop", "--name", "The shop", "--origin", "loopback")
        found["gateway"].palique(
            "create-agent", "ana@shop.example", "--site", "shop", "--name", "Ana", "--password-stdin", stdin=PASSWORD
        )
        yield found


def _whole(address: str) -> bool:
    """Ready, and nothing missing."""
    try:
        answer = httpx.get(f"http://{address}/readyz").json()
    except (httpx.TransportError, ValueError):
        return False
    return bool(answer["ok"]) and not answer["missing"]


@pytest.fixture
async def people(containers: dict[str, Container]) -> AsyncIterator[tuple[Visitor, Agent]]:
    (public,) = re.findall(r'"public": "([^"]+)"', containers["gateway"].logs())
    url = f"http://{public}"
    async with Browser(url, "shop") as page, page.as_visitor() as visitor, Browser(url, "shop") as desk:
        await desk.sign_in("ana@shop.example", PASSWORD)
        async with desk.as_agent() as agent:
            yield Visitor(page, visitor), Agent(desk, agent)


async def test_the_story_passes(containers: dict[str, Container], people: tuple[Visitor, Agent]) -> None:
    """A visitor asks, an agent answers, the talk becomes a log and a ticket with the transcript."""
    visitor, agent = people
    conversation = await talk(visitor, agent)
    log = (await agent.browser.http.get(f"/api/v1/chats/{conversation}/log")).json()
    assert [entry["kind"] for entry in log["entries"]] == ["opened", "message", "assigned", "message", "closed"]
    ticket = (await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={})).json()
    assert [entry["text"] for entry in ticket["transcript"]] == ["Where is my parcel?", "On its way."]
    assert "text/javascript" in (await visitor.browser.http.get("/widget.js")).headers["content-type"]
    assert containers["gateway"].palique("check").count("ok ") == 6


def test_they_are_what_they_are_said_to_be_and_stop_in_order(containers: dict[str, Container]) -> None:
    for service, container in containers.items():
        assert container.inspect("{{.Config.User}}") == "10001:10001"
        assert container.inspect('{{index .Config.Labels "org.opencontainers.image.title"}}') == f"palique-{service}"
        assert "Traceback" not in container.logs()
    for container in containers.values():
        assert container.stop() == 0, container.logs()
