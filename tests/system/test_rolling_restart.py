"""Rolling restart: the processes of a service get SIGTERM one after the other, without effect for clients."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.support.eventually import eventually
from tests.support.people import agent_at
from tests.support.protocol_client import Browser
from tests.support.responses import ok_json
from tests.support.running import Running
from tests.system.roaming import Roamer

ROAMERS = 10
# To drain, to end, to start again and to be ready, on a busy machine.
RESTARTED_S = 60.0


async def restart(running: Running, service: str, replica: int) -> None:
    """Restarts a process and waits until its successor is ready. The old process must report that it is not ready first."""
    old = running.pid(service, replica)
    os.kill(old, signal.SIGTERM)

    async def is_back() -> bool:
        if running.pid(service, replica) == old:
            return False
        try:
            async with httpx.AsyncClient(verify=False) as client:
                answer = await client.get(f"{running.ops(service, replica)}/readyz")
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and answer.json()["missing"] == []

    await eventually(is_back, RESTARTED_S)


async def all_go_on(roamers: list[Roamer]) -> None:
    """Each has one more message acknowledged."""
    before = [len(roamer.acked) for roamer in roamers]
    await eventually(lambda: all(len(each.acked) > was for each, was in zip(roamers, before, strict=True)))


@pytest.mark.parametrize("service", ["gateway", "chat"])
async def test_a_rolling_restart_has_no_effect_for_clients(running: Running, service: str) -> None:
    """I-1: no message fails, no socket is cut, each client moves once for each gateway that it was on."""
    async with AsyncExitStack() as people:
        roamers = []
        for number in range(ROAMERS):
            browser = await people.enter_async_context(Browser(running.public(0)))
            await browser.visit()

            def gateways(first: int = number % 2) -> list[str]:
                return [running.public(first), running.public(1 - first)]

            roamers.append(Roamer(browser, gateways))
        done = asyncio.Event()
        async with asyncio.TaskGroup() as writing:
            for roamer in roamers:
                writing.create_task(roamer.write(done))
            for replica in (0, 1):
                await all_go_on(roamers)
                await restart(running, service, replica)
            await all_go_on(roamers)
            done.set()
        assert [roamer.refusals for roamer in roamers] == [[]] * ROAMERS
        assert [roamer.falls for roamer in roamers] == [0] * ROAMERS
        assert max(roamer.moves for roamer in roamers) <= (2 if service == "gateway" else 0)
        agent = await people.enter_async_context(agent_at(running, 1, "agent@palique.test"))
        for roamer in roamers:
            ((conversation),) = {conversation for conversation, _ in roamer.acked.values()}
            log = ok_json(await agent.browser.http.get(f"/api/v1/chats/{conversation}/log"))["entries"]
            assert {entry["text"]: entry["seq"] for entry in log if entry["kind"] == "message"} == {
                text: seq for text, (_, seq) in roamer.acked.items()
            }
