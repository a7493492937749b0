"""I-1: what was acknowledged survives kill -9 of the process that acknowledged it, at any moment."""

import asyncio
import itertools
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from palique.chat.v1 import chat_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from prometheus_client import CollectorRegistry

from devstack.ports import Ports
from kit.codes import Refused
from kit.http import split_address
from kit.rpc_client import Pool, RpcClients
from tests.eventually import eventually
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.running_chat import OUR_TOKEN, SITE, Running, agent, visitor

WRITERS = 8
KILLS = 6


class Killed:
    """One `python -m services.chat.main`, started again whenever it was killed."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self._address = split_address(environ["PALIQUE_GRPC_ADDRESS"])
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.chat.main", env=self._environ, stdout=asyncio.subprocess.DEVNULL
        )

    async def serves(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(*self._address)
            writer.close()
            return True
        return False

    async def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, how)
        return await self._process.wait()


@pytest.fixture
async def victims(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[tuple[list[Killed], list[str]]]:
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
        found.append(Killed({**os.environ, **own}))
        await found[-1].start()
    yield found, addresses
    for victim in found:
        await victim.kill()


class Writers:
    """Each in a conversation of its own, one message after the other, sent again until it is acknowledged."""

    def __init__(self, addresses: list[str]) -> None:
        self.pool = Pool(addresses, ChatServiceStub, RpcClients(OUR_TOKEN, CollectorRegistry()))
        self.done = asyncio.Event()
        # By conversation, the seq that each client id was given.
        self.ledger: dict[str, dict[str, int]] = {}

    async def write(self) -> None:
        vera, conversation = visitor(), ""
        for number in itertools.count():
            if self.done.is_set():
                return
            item = chat_pb2.AppendItem(
                conversation=conversation, author=vera, kind="message", client_id=f"{number}", text=f"{number}"
            )
            result = await self._appended(item)
            conversation = result.conversation
            self.ledger.setdefault(conversation, {})[item.client_id] = result.seq

    async def _appended(self, item: chat_pb2.AppendItem) -> chat_pb2.AppendResult:
        request = chat_pb2.AppendRequest(site=SITE, items=[item])
        while True:
            with suppress(Refused):
                result = (await self.pool.call(lambda stub: stub.Append, request, key=item.author.id)).results[0]
                if not result.code:
                    return result
                assert result.code in ("retry", "unavailable"), result.code
            await asyncio.sleep(0.05)


async def test_under_load(victims: tuple[list[Killed], list[str]], chat: Running, ear: Ear) -> None:
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
        assert {fact.kind for fact in await ear.told(conversation, 1)} == {"opened"}
        state = await chat.get(conversation, reader)
        assert (state.messages, state.head) == (len(acknowledged), len(log))


async def test_told_to_stop_it_ends_in_order(victims: tuple[list[Killed], list[str]]) -> None:
    processes, addresses = victims
    pool = Pool(addresses, ChatServiceStub, RpcClients(OUR_TOKEN, CollectorRegistry()))
    await eventually(pool.ready, seconds=60)
    await pool.close()
    for process in processes:
        assert await process.kill(signal.SIGTERM) == 0
