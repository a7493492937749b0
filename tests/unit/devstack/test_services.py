"""The environment of each process of the product."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from devstack.program import Tier
from devstack.services import CALLERS, ServiceProcess, service_processes
from devstack.settings import StackSettings, read_settings

TOKENS = {name: f"secret-of-{name}" for name in CALLERS}


def settings(**environ: str) -> StackSettings:
    return read_settings(environ, Path("/somewhere"))


def numbered() -> Callable[[str], int]:
    numbers = count(20000)
    given: dict[str, int] = {}
    return lambda name: given.setdefault(name, next(numbers))


def processes(chosen: StackSettings) -> dict[str, ServiceProcess]:
    found = service_processes(chosen, "mongodb://m/?replicaSet=rs0", "amqp://a/", TOKENS, numbered())
    return {process.name: process for process in found}


def test_answering_services_start_before_gateways_and_stop_after_them() -> None:
    found = processes(settings(PALIQUE_REPLICAS="gateway=2,chat=2"))
    assert list(found) == ["presence-1", "chat-1", "chat-2", "tickets-1", "gateway-1", "gateway-2"]
    tiers = {name: process.program("module").tier for name, process in found.items()}
    assert tiers == {name: Tier.GATEWAYS if "gateway" in name else Tier.SERVICES for name in found}


def test_every_process_knows_where_all_replicas_answer() -> None:
    found = processes(settings(PALIQUE_REPLICAS="chat=2"))
    for process in found.values():
        assert process.env["PALIQUE_CHAT_ADDRESSES"] == f"{found['chat-1'].grpc},{found['chat-2'].grpc}"
        assert process.env["PALIQUE_TICKETS_ADDRESSES"] == found["tickets-1"].grpc
        assert process.env["PALIQUE_MODE"] == "development"


def test_the_first_gateway_has_the_chosen_port_and_others_have_free_ones() -> None:
    found = processes(settings(PALIQUE_REPLICAS="gateway=2", PALIQUE_PORT="9000"))
    assert found["gateway-1"].env["PALIQUE_PUBLIC_ADDRESS"] == "127.0.0.1:9000"
    assert found["gateway-2"].env["PALIQUE_PUBLIC_ADDRESS"] == found["gateway-2"].public != "127.0.0.1:9000"
    assert "PALIQUE_GRPC_ADDRESS" not in found["gateway-1"].env


@pytest.mark.parametrize("service", ["presence", "chat", "tickets"])
def test_a_server_accepts_the_others_everywhere_and_the_integration_for_the_demo_site_only(service: str) -> None:
    accepted = processes(settings())[f"{service}-1"].env["PALIQUE_RPC_TOKENS"].split(",")
    assert "gateway:*:secret-of-gateway" in accepted
    assert "integration:demo:secret-of-integration" in accepted
    assert [item for item in accepted if item.startswith("integration:")] == ["integration:demo:secret-of-integration"]


def test_each_presents_its_own_token() -> None:
    for process in processes(settings()).values():
        assert process.env["PALIQUE_RPC_TOKEN"] == TOKENS[process.service]


def test_a_change_reaches_its_process_and_no_other() -> None:
    chosen = settings(PALIQUE_REPLICAS="chat=2", PALIQUE_STACK_ENV_CHAT_2_PALIQUE_MONGODB_URL="mongodb://proxy")
    found = processes(chosen)
    assert found["chat-2"].env["PALIQUE_MONGODB_URL"] == "mongodb://proxy"
    assert found["chat-1"].env["PALIQUE_MONGODB_URL"] == "mongodb://m/?replicaSet=rs0"
