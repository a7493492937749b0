"""Clients that write without pause while processes of a service are replaced one after the other."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import httpx

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

    await eventually(is_back, RESTARTED_S, sentence="the new process is ready")


async def replace_under_load(running: Running, replacements: list[Callable[[], Awaitable[None]]], moves: int) -> None:
    """I-1: no message fails, no socket is cut, and each client moves to another gateway at most `moves` times."""
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
            for replace in replacements:
                await _all_go_on(roamers)
                await replace()
            await _all_go_on(roamers)
            done.set()
        refusals = [roamer.refusals for roamer in roamers]
        assert refusals == [[]] * ROAMERS, f"messages were refused: {refusals}"
        falls = [roamer.falls for roamer in roamers]
        assert falls == [0] * ROAMERS, f"sockets were cut: {falls}"
        moved = [roamer.moves for roamer in roamers]
        assert max(moved) <= moves, f"clients moved more than {moves} times: {moved}"
        await _all_is_stored(running, roamers)


async def _all_go_on(roamers: list[Roamer]) -> None:
    """Each has one more message acknowledged."""
    before = [len(roamer.acked) for roamer in roamers]
    await eventually(lambda: all(len(each.acked) > was for each, was in zip(roamers, before, strict=True)))


async def _all_is_stored(running: Running, roamers: list[Roamer]) -> None:
    """Each log has the acknowledged messages and no others."""
    async with agent_at(running, 1, "agent@palique.test") as agent:
        for roamer in roamers:
            ((conversation),) = {conversation for conversation, _ in roamer.acked.values()}
            log = ok_json(await agent.browser.http.get(f"/api/v1/chats/{conversation}/log"))["entries"]
            assert {entry["text"]: entry["seq"] for entry in log if entry["kind"] == "message"} == {
                text: seq for text, (_, seq) in roamer.acked.items()
            }
