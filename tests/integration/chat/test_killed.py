"""Requirement I-1: acknowledged messages survive kill -9 of the process that acknowledged them, at any moment."""

import asyncio
import itertools
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from palique.chat.v1 import chat_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from prometheus_client import CollectorRegistry

from devstack.ports import Ports
from kit.codes import Refused
from kit.rpc.client import Pool, RpcClients
from kit.runtime.http_server import split_address
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.running_chat import OUR_TOKEN, SITE, Running, agent, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow

WRITERS = 8
KILLS = 6
# Processes that start beside the calls make each slower; a call to a stopped process fails at once, whatever its time.
CALL_S = 30.0


class ChatProcess:
    """One `python -m services.chat.main`, which a test kills and starts again."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self._address = split_address(environ["PALIQUE_GRPC_ADDRESS"])
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, **more: str) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.chat.main",
            env={**self._environ, **more},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )

    async def serves(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(*self._address)
            writer.close()
            return True
        return False

    async def ended(self) -> tuple[int, str]:
        """Exit status and last line on stderr, after it has exited by itself."""
        assert self._process is not None
        assert self._process.stderr is not None
        written = (await self._process.stderr.read()).decode().strip()
        return await self._process.wait(), written.rpartition("\n")[2]

    async def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, how)
        return await self._process.wait()


@pytest.fixture
async def victims(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[tuple[list[ChatProcess], list[str]]]:
    """Two processes and their addresses."""
    ports = Ports(tmp_path / "victims.json")
    found, addresses = [], []
    for number in range(2):
        addresses.append(f"127.0.0.1:{ports.port(f'grpc-{number}')}")
        own = {
            "PALIQUE_MODE": "development",
            "PALIQUE_MONGODB_URL": mongodb_url,
            "PALIQUE_MONGODB_PREFIX": database_prefix,
            "PALIQUE_AMQP_URL": vhost_url,
            "PALIQUE_OPS_ADDRESS": f"127.0.0.1:{ports.port(f'ops-{number}')}",
            "PALIQUE_GRPC_ADDRESS": addresses[-1],
            "PALIQUE_RPC_TOKENS": f"gateway:*:{OUR_TOKEN}",
        }
        found.append(ChatProcess({**os.environ, **own}))
        await found[-1].start()
    yield found, addresses
    for victim in found:
        await victim.kill()


class Writers:
    """Writers with a conversation each, one message after the other, each retried until it is acknowledged."""

    def __init__(self, addresses: list[str]) -> None:
        self.pool = Pool(addresses, ChatServiceStub, RpcClients(OUR_TOKEN, CollectorRegistry()))
        self.done = asyncio.Event()
        # By conversation, the seq of each client id.
        self.ledger: dict[str, dict[str, int]] = {}
        self.failures: list[BaseException | str] = []

    def reach_all(self) -> bool:
        """True when all replicas are connected. A connection that failed waits before it is tried again."""
        channels = self.pool._replicas.channels()  # noqa: SLF001 # the pool asks for one connected replica only
        return all(one.get_state(try_to_connect=True) is grpc.ChannelConnectivity.READY for one in channels)

    async def write(self) -> None:
        vera, conversation = visitor(), ""
        for number in itertools.count():
            if self.done.is_set():
                return
            item = chat_pb2.AppendItem(
                conversation=conversation, author=vera, kind="message", client_id=f"{number}", text=f"{number}"
            )
            result = await self.appended(item)
            conversation = result.conversation
            self.ledger.setdefault(conversation, {})[item.client_id] = result.seq

    async def appended(self, item: chat_pb2.AppendItem) -> chat_pb2.AppendResult:
        request = chat_pb2.AppendRequest(site=SITE, items=[item])
        while True:
            try:
                call = self.pool.call(lambda stub: stub.Append, request, key=item.author.id, timeout_s=CALL_S)
                result = (await call).results[0]
            except Refused as refused:
                self.failures.append(refused.__cause__ or refused)
            else:
                if not result.code:
                    return result
                self.failures.append(result.code)
                assert result.code in ("retry", "unavailable"), result.code
            await asyncio.sleep(0.05)


async def test_acknowledged_messages_survive_kills_under_load(
    victims: tuple[list[ChatProcess], list[str]], chat: Running, ear: Ear
) -> None:
    processes, addresses = victims
    writers = Writers(addresses)
    await eventually(writers.pool.ready, seconds=60)
    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(writers.write())
        for kill in range(KILLS):
            await eventually(processes[kill % 2].serves, seconds=60)
            await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - any moment of its work
            await processes[kill % 2].kill()
            await processes[kill % 2].start()
        writers.done.set()
    await writers.pool.close()
    assert len(writers.ledger) == WRITERS
    reader = agent()
    for conversation, acknowledged in writers.ledger.items():
        log = await chat.log(conversation, reader)
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        assert [entry.kind for entry in log] == ["opened"] + ["message"] * len(acknowledged)
        assert {entry.client_id: entry.seq for entry in log[1:]} == acknowledged
        assert {fact.kind for fact in await ear.wait_facts(conversation, 1)} == {"opened"}
        state = await chat.get(conversation, reader)
        assert (state.messages, state.head) == (len(acknowledged), len(log))


async def test_sigterm_ends_the_process_with_status_0(victims: tuple[list[ChatProcess], list[str]]) -> None:
    processes, addresses = victims
    # One pool for each: a pool is ready with one replica, and the other may not have its signal handlers yet.
    for address in addresses:
        pool = Pool([address], ChatServiceStub, RpcClients(OUR_TOKEN, CollectorRegistry()))
        await eventually(pool.ready, seconds=60)
        await pool.close()
    for process in processes:
        assert await process.kill(signal.SIGTERM) == 0


async def test_a_rolling_restart_fails_no_call(victims: tuple[list[ChatProcess], list[str]]) -> None:
    """A stopping replica finishes its calls; new calls go to the other one until it is back."""
    processes, addresses = victims
    writers = Writers(addresses)
    await eventually(lambda: all_serve(processes), seconds=60)
    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(writers.write())
        for process in processes:
            await eventually(lambda: len(writers.ledger) == WRITERS)
            assert await process.kill(signal.SIGTERM) == 0
            await process.start()
            await eventually(
                writers.reach_all, seconds=60, sentence="the writers are connected to the new process, too"
            )
        writers.done.set()
    await writers.pool.close()
    assert writers.failures == []


async def all_serve(processes: list[ChatProcess]) -> bool:
    return all([await process.serves() for process in processes])


@pytest.mark.parametrize("step", ["append.before_insert", "append.after_insert", "append.before_answer"])
async def test_killed_at_a_step_of_the_append(victims: tuple[list[ChatProcess], list[str]], step: str) -> None:
    """Requirement I-2: stored or not, the repeated message is there once."""
    (victim, _), addresses = victims
    await eventually(victim.serves, seconds=60)
    await victim.kill()
    await victim.start(PALIQUE_FAILPOINTS=f"{step}=killx1")
    await eventually(victim.serves, seconds=60)
    pool = Pool(addresses[:1], ChatServiceStub, RpcClients(OUR_TOKEN, CollectorRegistry()))
    vera = visitor()
    item = chat_pb2.AppendItem(author=vera, kind="message", client_id="1", text="Hello")
    request = chat_pb2.AppendRequest(site=SITE, items=[item])
    with pytest.raises(Refused) as refused:
        await pool.call(lambda stub: stub.Append, request)
    assert refused.value.code == "retry"
    assert (await victim.ended())[0] == -signal.SIGKILL
    await victim.start()
    await eventually(victim.serves, seconds=60)
    writers = Writers(addresses[:1])
    result = await writers.appended(item)
    # Killed in the insert of `opened`, or after both inserts.
    assert (result.seq, result.duplicate) == (2, step == "append.before_answer")
    for each in (pool, writers.pool):
        await each.close()


async def test_production_does_not_start_with_failpoints(victims: tuple[list[ChatProcess], list[str]]) -> None:
    (victim, _), _ = victims
    await victim.kill()
    await victim.start(
        PALIQUE_FAILPOINTS="hint.publish=drop",
        PALIQUE_MODE="production",
        PALIQUE_PRIVATE_NETWORK="true",
        PALIQUE_MONGODB_URL="mongodb://chat:not-a-real-one@127.0.0.1",
        PALIQUE_AMQP_URL="amqp://chat:not-a-real-one@127.0.0.1",
        PALIQUE_RPC_TOKENS=f"gateway:*:{'long' * 10}",
    )
    status, said = await victim.ended()
    assert status == 1
    assert said.startswith("PALIQUE_FAILPOINTS is set;")
