"""The database's primary dies, and another member takes over: writers are told to come back, and nothing else happens."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.codes import Refused
from kit.ids import new_id
from tests.integration.chat.running_chat import Running, running_chat, visitor
from tests.integration.chat.three_members import ThreeMembers, three_members
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow

# An election, and what a driver takes to hear of it, on a busy machine.
OVER_S = 60.0
PATIENCE_S = 9.5


@pytest.fixture
def members(tmp_path: Path) -> Iterator[ThreeMembers]:
    with three_members(tmp_path, electable=True) as members:
        yield members


class Writer:
    """A visitor who writes one message after the other, each with its client id until it is acknowledged."""

    def __init__(self, chat: Running) -> None:
        self.person = visitor()
        self.conversation = ""
        self.acked: dict[str, int] = {}
        self.put_off: set[str] = set()
        self._chat = chat

    async def write(self, until: asyncio.Event) -> None:
        number = 0
        while not until.is_set():
            if await self._is_acked(f"{number}"):
                number += 1

    async def _is_acked(self, client_id: str) -> bool:
        try:
            result = await self._chat.say(
                self.person, self.conversation, client_id=client_id, text=client_id, patience_s=PATIENCE_S
            )
        except Refused as refused:
            self.put_off.add(str(refused.code) if refused.retry_ms else f"{refused.code}, for good")
            return False
        if result.code:
            self.put_off.add(result.code if result.retry_ms else f"{result.code}, for good")
            await asyncio.sleep(0.1)
            return False
        self.conversation = result.conversation
        self.acked[client_id] = result.seq
        return True

    def has_acked(self, number: int) -> bool:
        return len(self.acked) >= number


async def test_a_fail_over_loses_nothing_and_doubles_nothing(
    members: ThreeMembers, vhost_url: str, tmp_path: Path
) -> None:
    """I-1, I-2: every message is there once, in the order of its writer, at the seq that was acknowledged."""
    async with running_chat(members.url, vhost_url, f"test-{new_id()}", tmp_path) as chat:
        writer, done = Writer(chat), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(writer.write(done))
            await eventually(lambda: writer.has_acked(20))
            await asyncio.to_thread(members.kill_primary)
            before = len(writer.acked)
            await eventually(lambda: writer.has_acked(before + 20), OVER_S)
            done.set()
        # A code that the gateway passes on as a `nack` to be tried again: the message stays marked as not sent yet.
        assert writer.put_off <= {"retry", "unavailable"}
        log = await chat.log(writer.conversation, writer.person)
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        assert {entry.client_id: entry.seq for entry in log if entry.kind == "message"} == writer.acked
