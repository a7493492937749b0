"""An entry that only one member has is neither acknowledged nor shown nor built on: a fail-over may roll it back."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from palique.chat.v1 import chat_pb2
from pymongo import MongoClient

from kit.codes import Code, Refused
from kit.ids import new_id
from kit.mongo import Document
from tests.integration.chat.running_chat import running_chat, visitor
from tests.integration.chat.three_members import ThreeMembers, three_members
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow

TIMEOUT_S = 9.5


@pytest.fixture
def members(tmp_path: Path) -> Iterator[ThreeMembers]:
    with three_members(tmp_path) as members:
        yield members


def on_the_primary(members: ThreeMembers, prefix: str, client_id: str) -> bool:
    with MongoClient[Document](members.url, readConcernLevel="local") as client:
        return client[f"{prefix}_chat"].entries.find_one({"client_id": client_id}) is not None


async def test_sync_of_a_new_session_needs_a_confirmed_primary(
    members: ThreeMembers, vhost_url: str, tmp_path: Path
) -> None:
    """Requirement I-3: a deposed primary would return read marks and heads older than those already sent."""
    async with running_chat(members.url, vhost_url, f"test-{new_id()}", tmp_path) as chat:
        vera = visitor()
        conversation = (await chat.write(vera, timeout_s=TIMEOUT_S)).conversation
        members.pause_secondaries()
        with pytest.raises(Refused) as refused:
            await chat.sync(visitors=[vera.id])
        assert refused.value.code == Code.UNAVAILABLE
        # Sync by cursors still works.
        assert list((await chat.sync(cursors=[chat_pb2.Cursor(conversation=conversation, seq=2)])).heads) == []
        members.resume_secondaries()

        async def synced() -> bool:
            with suppress(Refused):
                return [one.conversation for one in (await chat.sync(visitors=[vera.id])).conversations] == [
                    conversation
                ]
            return False

        await eventually(synced, seconds=60)


async def test_an_entry_without_a_majority_is_not_acknowledged(
    members: ThreeMembers, vhost_url: str, tmp_path: Path
) -> None:
    """Requirement I-1."""
    prefix = f"test-{new_id()}"
    async with (
        running_chat(members.url, vhost_url, prefix, tmp_path) as one,
        running_chat(members.url, vhost_url, prefix, tmp_path) as other,
    ):
        vera = visitor()
        conversation = (await one.write(vera, timeout_s=TIMEOUT_S)).conversation
        await other.fetch(conversation, vera)
        members.pause_secondaries()
        sending = asyncio.create_task(one.write(vera, conversation, client_id="1", timeout_s=TIMEOUT_S))
        await eventually(lambda: on_the_primary(members, prefix, "1"))
        # No reader sees it: a fail-over may roll it back.
        for reader in (one, other):
            assert [entry.seq for entry in (await reader.fetch(conversation, vera)).entries] == [1, 2]
            assert (await reader.get(conversation, vera)).head == 2
            cursor = chat_pb2.Cursor(conversation=conversation, seq=2)
            assert list((await reader.sync(cursors=[cursor])).heads) == []
        # The repeated message finds its seq taken by an entry that cannot be read yet.
        same = await other.write(vera, conversation, client_id="1", timeout_s=TIMEOUT_S)
        assert [result.code for result in (await sending, same)] == ["retry", "retry"]
        members.resume_secondaries()

        async def taken(client_id: str) -> bool:
            return not (await other.write(vera, conversation, client_id=client_id, timeout_s=TIMEOUT_S)).code

        await eventually(lambda: taken("1"), seconds=60)
        await eventually(lambda: taken("2"), seconds=60)
        log = await one.log(conversation, vera)
        assert [entry.seq for entry in log] == [1, 2, 3, 4]
        assert [entry.client_id for entry in log[2:]] == ["1", "2"]
