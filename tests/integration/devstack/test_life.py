"""A stack from its start to its stop and to the next start, with backends of its own."""

import json
import os
import signal
import stat
from functools import partial
from pathlib import Path

import aio_pika
import psutil
import pytest
from pymongo import MongoClient

from devstack.leftovers import MARK, leftovers
from devstack.stack import is_ready
from kit.mongo import Document
from tests.integration.devstack.conftest import MakeStack
from tests.support.eventually import eventually, eventually_sync
from tests.support.json_object import JsonObject
from tests.support.stack import Stack

pytestmark = pytest.mark.slow


def all_pids(described: JsonObject) -> set[int]:
    services = [entry["pid"] for entries in described["services"].values() for entry in entries]
    broker = described["rabbitmq"]["pid"]
    return {*services, *described["mongodb"]["pids"]} | ({broker} if broker else set())


def addresses(described: JsonObject) -> object:
    """Everything but the pids and the time."""
    return json.loads(
        json.dumps(described),
        object_hook=lambda item: {k: v for k, v in item.items() if k not in ("pid", "pids", "ready_at")},
    )


def remember(url: str) -> None:
    with MongoClient[Document](url) as client:
        client.palique_test.kept.insert_one({"_id": "a word"})


def remembered(url: str) -> bool:
    with MongoClient[Document](url) as client:
        return client.palique_test.kept.find_one({"_id": "a word"}) is not None


async def send_to_keep(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("kept", durable=True)
        message = aio_pika.Message(b"a word", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue.name)


def keeps(home: Path) -> bool:
    """The broker answers, and confirms, a moment before its own log says that the queue is there to stay: killed in between it forgets both."""
    (log,) = (home / "data" / "rabbitmq" / "mnesia").rglob("LATEST.LOG")
    return b"committed" in log.read_bytes().rpartition(b"kept")[2]


async def kept(url: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("kept", durable=True)
        message = await queue.get(no_ack=True)
        return message.body


async def test_a_stack_starts_stops_without_a_trace_and_finds_its_data_at_the_next_start(make_stack: MakeStack) -> None:
    stack = make_stack(PALIQUE_REPLICAS="gateway=2")
    stack.start()
    first = stack.described
    assert set(first) == {"ready_at", "public", "demo", "dashboard", "mongodb", "rabbitmq", "services"}
    assert {service: len(entries) for service, entries in first["services"].items()} == {
        "presence": 1, "chat": 1, "tickets": 1, "gateway": 2,
    }  # fmt: skip
    assert all(is_ready(e["ops"].removeprefix("http://")) for es in first["services"].values() for e in es)
    assert "mongod" in psutil.Process(first["mongodb"]["pids"][0]).name()
    assert "beam" in psutil.Process(first["rabbitmq"]["pid"]).name()
    token = stack.home / "run" / "integration.token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    remember(first["mongodb"]["url"])
    await send_to_keep(first["rabbitmq"]["url"])

    assert stack.stop(signal.SIGINT) == 0
    assert leftovers(stack.home) == []
    assert not stack.file.exists()
    assert "Traceback" not in stack.output.read_text()

    stack.start()
    second = stack.described
    assert addresses(second) == addresses(first)
    assert second["ready_at"] > first["ready_at"]
    assert remembered(second["mongodb"]["url"])
    assert await kept(second["rabbitmq"]["url"]) == b"a word"
    assert stack.stop(signal.SIGTERM) == 0
    assert leftovers(stack.home) == []


async def test_what_dies_is_started_again_on_its_port_and_data_and_the_file_follows(make_stack: MakeStack) -> None:
    stack = make_stack()
    stack.start()
    before = stack.described
    remember(before["mongodb"]["url"])
    await send_to_keep(before["rabbitmq"]["url"])
    await eventually(lambda: keeps(stack.home))
    (epmd,) = [process for process in leftovers(stack.home) if process.name() == "epmd"]
    for pid in {*all_pids(before), epmd.pid}:
        os.kill(pid, signal.SIGKILL)
    await eventually(lambda: not all_pids(before) & all_pids(stack.described), 60)
    after = stack.described
    assert addresses(after) == addresses(before)
    await eventually(lambda: remembered(after["mongodb"]["url"]), 60)

    async def broker_is_back() -> bool:
        try:
            return await kept(after["rabbitmq"]["url"]) == b"a word"
        except OSError:
            return False

    await eventually(broker_is_back, 60)
    for entries in after["services"].values():
        for entry in entries:
            await eventually(partial(is_ready, entry["ops"].removeprefix("http://")))


def marked(home: Path) -> set[int]:
    return {process.pid for process in leftovers(home)}


def kill_stack(stack: Stack) -> None:
    os.kill(stack.pid, signal.SIGKILL)
    stack.wait()


def test_a_stack_that_is_killed_takes_everything_with_it(make_stack: MakeStack) -> None:
    stack = make_stack()
    stack.start()
    assert len(marked(stack.home)) > 5
    kill_stack(stack)
    eventually_sync(lambda: not marked(stack.home), 60)


def test_what_a_killed_stack_and_supervisor_leave_is_ended_by_the_next_start(
    make_stack: MakeStack, shared_broker: dict[str, str]
) -> None:
    stack = make_stack(**shared_broker)
    stack.start()
    supervisor = psutil.Process(stack.pid).children()[0]
    assert "supervisord" in " ".join(supervisor.cmdline())
    left = marked(stack.home) - {supervisor.pid}
    os.kill(stack.pid, signal.SIGSTOP)  # so that it does not clean up after its supervisor
    supervisor.kill()
    kill_stack(stack)
    assert left <= marked(stack.home), "this test wants left-overs"
    stack.start()
    assert not left & marked(stack.home)
    assert all(psutil.Process(pid).environ()[MARK] == str(stack.home) for pid in all_pids(stack.described))


def test_a_stack_ends_in_order_when_its_supervisor_is_killed(
    make_stack: MakeStack, shared_broker: dict[str, str]
) -> None:
    stack = make_stack(**shared_broker)
    stack.start()
    psutil.Process(stack.pid).children()[0].kill()
    assert stack.wait() == 1
    assert "supervisord ended unexpectedly" in stack.output.read_text()
    assert marked(stack.home) == set()
    assert not stack.file.exists()
