"""Several stacks on one machine, and the environments of their processes."""

import json
from http.client import HTTPConnection

import pytest

from devstack.leftovers import leftovers
from tests.integration.devstack.conftest import MakeStack
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow


def environment(ops: str) -> dict[str, str]:
    """What a fixture service was started with."""
    connection = HTTPConnection(ops.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/env")
        found: dict[str, str] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return found


def ops(described: JsonObject, service: str, number: int = 1) -> str:
    return str(described["services"][service][number - 1]["ops"])


def test_two_stacks_share_nothing_but_what_they_were_given(make_stack: MakeStack, shared: dict[str, str]) -> None:
    """One of them in a folder whose path is too long for a unix socket, and odd."""
    plain = make_stack("plain", **shared)
    odd = make_stack("odd (ü) " + "x" * 120, **shared)
    plain.start()
    odd.start()
    one, other = plain.described, odd.described
    assert one["public"] != other["public"]
    assert not {ops(one, "chat"), ops(one, "gateway")} & {ops(other, "chat"), ops(other, "gateway")}
    assert environment(ops(one, "chat"))["PALIQUE_RPC_TOKEN"] != environment(ops(other, "chat"))["PALIQUE_RPC_TOKEN"]
    assert plain.stop() == 0
    assert leftovers(plain.home) == []
    assert environment(ops(other, "chat"))["PALIQUE_MODE"] == "development"
    assert odd.stop() == 0
    assert leftovers(odd.home) == []


def test_given_servers_are_used_and_left_alone(make_stack: MakeStack, shared: dict[str, str]) -> None:
    stack = make_stack(**shared)
    stack.start()
    described = stack.described
    assert described["mongodb"] == {"url": shared["PALIQUE_MONGODB_URL"], "pids": []}
    assert described["rabbitmq"] == {"url": shared["PALIQUE_AMQP_URL"], "pid": None}
    for service in ("presence", "chat", "tickets", "gateway"):
        told = environment(ops(described, service))
        assert told["PALIQUE_MONGODB_URL"] == shared["PALIQUE_MONGODB_URL"]
        assert told["PALIQUE_AMQP_URL"] == shared["PALIQUE_AMQP_URL"]


def test_replicas_and_single_processes_are_as_asked_for(make_stack: MakeStack, shared: dict[str, str]) -> None:
    stack = make_stack(
        **shared,
        PALIQUE_REPLICAS="gateway=2,chat=2",
        PALIQUE_MONGODB_PREFIX="tried",
        PALIQUE_STACK_ENV_CHAT_2_PALIQUE_MONGODB_URL="mongodb://127.0.0.1:1/?directConnection=true",
    )
    stack.start()
    described = stack.described
    gateways = described["services"]["gateway"]
    assert described["public"] == gateways[0]["public"] != gateways[1]["public"]
    assert environment(ops(described, "gateway", 2))["PALIQUE_PUBLIC_ADDRESS"] in gateways[1]["public"]
    told = environment(ops(described, "gateway"))
    assert told["PALIQUE_CHAT_ADDRESSES"] == ",".join(chat["grpc"] for chat in described["services"]["chat"])
    assert told["PALIQUE_MONGODB_PREFIX"] == "tried"
    assert environment(ops(described, "chat", 1))["PALIQUE_MONGODB_URL"] == shared["PALIQUE_MONGODB_URL"]
    assert "127.0.0.1:1/" in environment(ops(described, "chat", 2))["PALIQUE_MONGODB_URL"]
