"""F4: ten sockets of five hundred stop reading or read one byte per second."""

import asyncio
import re
import time
from contextlib import AsyncExitStack

import httpx
import psutil

from tests.faults.bench import Bench, Row
from tests.faults.checking import Finding, answer_times_s
from tests.faults.ledger import Ledger
from tests.support.eventually import eventually
from tests.support.protocol_client import Browser, Client

STUCK = 10
# The number of these that read one byte per second, which look alive to the server.
TRICKLING = 3
IDLE = 490
# The limit of sockets per visitor.
TABS = 20
FREED_S = 30.0
LOOK_S = 0.5
# Enough messages for a 99th percentile.
MEASURED_S = 25.0
# A frame has 12 KB: some dozens fill the socket buffers of both ends.
LONG_TEXT = "€" * 4000
LONG_TEXTS = 60
# On a busy machine a lower 99th percentile depends on the machine only.
TELLING_S = 0.25


async def run(bench: Bench) -> Row:
    """Stuck sockets are closed within 30 s, and other clients see no delay."""
    async with bench.load() as load, AsyncExitStack() as until_gone:
        await _idle_sockets(bench, until_gone)
        usual = await _slowest_hundredth(load.ledger)
        stuck = await _stuck_sockets(bench, until_gone)
        began = time.monotonic()
        freeing = asyncio.create_task(_until_freed(bench, [client.port for client in stuck], began))
        meanwhile = await _slowest_hundredth(load.ledger)
        freed_after_s = await freeing
        others = []
        if freed_after_s > FREED_S:
            others.append(Finding("stuck_are_freed", f"after {freed_after_s:.1f} s"))
        if meanwhile > max(2 * usual, TELLING_S):
            others.append(Finding("others_do_not_notice", f"p99 {meanwhile:.3f} s, usual {usual:.3f} s"))
        return Row(
            cell="F4",
            fault=f"{STUCK - TRICKLING} of {STUCK + IDLE} sockets stop reading, {TRICKLING} read a byte a second",
            must_hold="freed in 30 s, others' p99 within twice its usual",
            verdict=await load.judge(),
            counts={
                "freed after s": round(freed_after_s, 1),
                "p99 ms before": round(usual * 1000, 1),
                "p99 ms meanwhile": round(meanwhile * 1000, 1),
            },
            others=others,
        )


async def _idle_sockets(bench: Bench, until_gone: AsyncExitStack) -> None:
    for first in range(0, IDLE, TABS):
        browser = await until_gone.enter_async_context(Browser(bench.gateways[0]))
        for _ in range(min(TABS, IDLE - first)):
            await until_gone.enter_async_context(browser.as_visitor())


async def _stuck_sockets(bench: Bench, until_gone: AsyncExitStack) -> list[Client]:
    """Tabs of a visitor that gets more from an agent than the sockets can buffer."""
    visitor = await until_gone.enter_async_context(Browser(bench.gateways[0]))
    tabs = [await until_gone.enter_async_context(visitor.as_visitor()) for _ in range(STUCK)]
    conversation = (await tabs[0].send("Hello", None))["conversation"]
    for number, tab in enumerate(tabs):
        tab.stop_reading()
        if number < TRICKLING:
            trickling = asyncio.create_task(tab.trickle())
            until_gone.push_async_callback(_ended, trickling)
    agent = await until_gone.enter_async_context(Browser(bench.gateways[1]))
    await agent.sign_in("admin@palique.test")
    desk = await until_gone.enter_async_context(agent.as_agent())
    await desk.ask("accept", conversation=conversation)
    for _ in range(LONG_TEXTS):
        answer = await desk.send(LONG_TEXT, conversation)
        await asyncio.sleep((answer.get("retry_ms") or 0) / 1000)
    await desk.ask("close", conversation=conversation)
    return tabs


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait((task,))


async def _until_freed(bench: Bench, ports: list[int], began: float) -> float:
    """Until the gateway has given up as many and has no connection to these ports of ours; how long that took.

    Its connections are looked at only then: that takes this process long enough to be seen in the answers that it measures.
    """
    name = "gateway-1"

    async def are_given_up() -> bool:
        await asyncio.sleep(LOOK_S)
        return await _given_up(bench.ops[name]) >= len(ports)

    def are_gone() -> bool:
        pid = bench.processes.running()[name].pid
        held = {c.raddr[1] for c in psutil.Process(pid).net_connections("tcp") if c.status == "ESTABLISHED"}
        return held.isdisjoint(ports)

    await eventually(are_given_up, 2 * FREED_S)
    await eventually(are_gone, 2 * FREED_S)
    return time.monotonic() - began


async def _given_up(ops: str) -> int:
    async with httpx.AsyncClient(verify=False) as http:
        metrics = (await http.get(f"http://{ops}/metrics")).text
    found = re.search(r'^palique_socket_closes_total{code="4408"} ([0-9.]+)$', metrics, re.MULTILINE)
    return int(float(found[1])) if found else 0


async def _slowest_hundredth(ledger: Ledger) -> float:
    """Times of acknowledgements during the next seconds."""
    begin = time.monotonic()
    await asyncio.sleep(MEASURED_S)
    times = answer_times_s(ledger, begin, begin + MEASURED_S)
    return times[int(len(times) * 0.99)] if times else 0.0
