"""What operators see of each process: probes, metrics, log lines."""

import json

import httpx
import pytest

from tests.support.people import Agent, Visitor
from tests.support.running import Running

SERVICES = ["gateway", "presence", "chat", "tickets"]
# What must be there to be watched, by service; a family may carry more labels.
FAMILIES = {
    "gateway": [
        "palique_sockets",
        "palique_ack_seconds",
        "palique_hint_lag_seconds",
        "palique_gateway_queue_length",
        "palique_rpc_call_seconds",
        "palique_mongo_command_seconds",
    ],
    "presence": [
        "palique_visitors_online",
        "palique_presence_changes",
        "palique_presence_report_seconds",
        "palique_rpc_handled_seconds",
        "palique_mongo_command_seconds",
    ],
    "chat": [
        "palique_chat_entries_appended",
        "palique_chat_append_seconds",
        "palique_chat_appends_waiting",
        "palique_chat_hint_lag_seconds",
        "palique_outbox_age_seconds",
        "palique_rpc_handled_seconds",
    ],
    "tickets": [
        "palique_tickets_opened",
        "palique_facts_taken",
        "palique_outbox_age_seconds",
        "palique_rpc_handled_seconds",
    ],
}


@pytest.mark.parametrize("service", SERVICES)
async def test_every_process_is_alive_and_ready_and_measured(
    running: Running, service: str, visitor: Visitor, agent: Agent
) -> None:
    await visitor.client.send("Hello", None)
    async with httpx.AsyncClient(base_url=running.ops(service), verify=False) as http:
        assert (await http.get("/livez")).status_code == 200
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["missing"]) == (200, [])
        metrics = (await http.get("/metrics")).text
    for family in FAMILIES[service]:
        assert f"\n{family}" in metrics, family


async def test_the_operations_port_is_not_the_public_one(running: Running) -> None:
    async with httpx.AsyncClient(base_url=running.public(0), verify=False) as http:
        for path in ("/livez", "/readyz", "/metrics"):
            assert (await http.get(path)).status_code == 404


@pytest.mark.parametrize("service", SERVICES)
async def test_every_log_line_is_one_json_object(running: Running, service: str) -> None:
    paths = [path for path in (running.home / "logs").iterdir() if path.name.startswith(service)]
    assert paths
    for path in paths:
        for line in path.read_text().splitlines():
            assert {"at", "level", "event"} <= json.loads(line).keys(), line
