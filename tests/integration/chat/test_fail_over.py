"""Fail-over of the database: writers get `retry`, and no message is lost or doubled."""

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

# An election and its discovery by the driver, on a busy machine.
FAIL_OVER_S = 60.0
TIMEOUT_S = 9.5


@pytest.fixture
def members(tmp_path: Path) -> Iterator[ThreeMembers]:
    with three_members(tmp_path, electable=True) as members:
        yield members


class Writer:
    """A visitor that writes one message after the other, each retried until it is acknowledged."""

    def __init__(self, chat: Running) -> None:
        self.person = visitor()
        self.conversation = ""
        self.acked: dict[str, int] = {}
        self.refusals: set[str] = set()
        self._chat = chat

    async def write(self, until: asyncio.Event) -> None:
        number = 0
        while not until.is_set():
            if await self._is_acked(f"{number}"):
                number += 1

    async def _is_acked(self, client_id: str) -> bool:
        try:
            result = await self._chat.write(
                self.person, self.conversation, client_id=client_id, text=client_id, timeout_s=TIMEOUT_S
            )
        except Refused as refused:
            self.refusals.add(str(refused.code) if refused.retry_ms else f"{refused.code}, final")
            return False
        if result.code:
            self.refusals.add(result.code if result.retry_ms else f"{result.code}, final")
            await asyncio.sleep(0.1)
            return False
        self.conversation = result.conversation
        self.acked[client_id] = result.seq
        return True

    def has_acked(self, number: int) -> bool:
        return len(self.acked) >= number


async def test_a_fail_over_loses_and_doubles_nothing(members: ThreeMembers, vhost_url: str, tmp_path: Path) -> None:
    """Requirements I-1 and I-2: every message is there once, in the order of its writer, at the acknowledged seq."""
    async with running_chat(members.url, vhost_url, f"test-{new_id()}", tmp_path) as chat:
        writer, done = Writer(chat), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(writer.write(done))
            await eventually(lambda: writer.has_acked(20))
            await asyncio.to_thread(members.kill_primary)
            before = len(writer.acked)
            await eventually(lambda: writer.has_acked(before + 20), FAIL_OVER_S)
            done.set()
        # The gateway sends these codes as a `nack` with a retry, so the message stays marked as not sent.
        assert writer.refusals <= {"retry", "unavailable"}
        log = await chat.log(writer.conversation, writer.person)
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        assert {entry.client_id: entry.seq for entry in log if entry.kind == "message"} == writer.acked
