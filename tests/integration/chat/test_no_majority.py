"""An entry that only one member has is no entry yet: nobody is told of it, nobody builds on it, and it may be rolled back."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from palique.chat.v1 import chat_pb2
from pymongo import MongoClient

from kit.codes import Code, Refused
from kit.ids import new_id
from tests.integration.chat.running_chat import running_chat, visitor
from tests.integration.chat.three_members import ThreeMembers, three_members
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow

PATIENCE_S = 9.5


@pytest.fixture
def members(tmp_path: Path) -> Iterator[ThreeMembers]:
    with three_members(tmp_path) as members:
        yield members


def on_the_primary(members: ThreeMembers, prefix: str, client_id: str) -> bool:
    with MongoClient[dict[str, Any]](members.url, readConcernLevel="local") as client:
        return client[f"{prefix}_chat"].entries.find_one({"client_id": client_id}) is not None


async def test_whoever_begins_is_told_nothing_by_a_primary_that_may_be_none(
    members: ThreeMembers, vhost_url: str, tmp_path: Path
) -> None:
    """I-3: read marks and heads as they were would fall behind what others were told already."""
    async with running_chat(members.url, vhost_url, f"test-{new_id()}", tmp_path) as chat:
        vera = visitor()
        conversation = (await chat.say(vera, patience_s=PATIENCE_S)).conversation
        members.stand_still()
        with pytest.raises(Refused) as refused:
            await chat.sync(visitors=[vera.id])
        assert refused.value.code == Code.UNAVAILABLE
        # Who has begun goes on meanwhile.
        assert list((await chat.sync(cursors=[chat_pb2.Cursor(conversation=conversation, seq=2)])).heads) == []
        members.go_on()

        async def told() -> bool:
            with suppress(Refused):
                return [one.conversation for one in (await chat.sync(visitors=[vera.id])).conversations] == [
                    conversation
                ]
            return False

        await eventually(told, seconds=60)


async def test_nothing_is_acknowledged_that_a_majority_does_not_have(
    members: ThreeMembers, vhost_url: str, tmp_path: Path
) -> None:
    """I-1."""
    prefix = f"test-{new_id()}"
    async with (
        running_chat(members.url, vhost_url, prefix, tmp_path) as one,
        running_chat(members.url, vhost_url, prefix, tmp_path) as other,
    ):
        vera = visitor()
        conversation = (await one.say(vera, patience_s=PATIENCE_S)).conversation
        await other.fetch(conversation, vera)
        members.stand_still()
        sending = asyncio.create_task(one.say(vera, conversation, client_id="1", patience_s=PATIENCE_S))
        await eventually(lambda: on_the_primary(members, prefix, "1"))
        # It shows to no reader: a fail-over may yet undo it.
        for reader in (one, other):
            assert [entry.seq for entry in (await reader.fetch(conversation, vera)).entries] == [1, 2]
            assert (await reader.get(conversation, vera)).head == 2
            cursor = chat_pb2.Cursor(conversation=conversation, seq=2)
            assert list((await reader.sync(cursors=[cursor])).heads) == []
        # The same again finds the seq taken by what nobody can read yet.
        same = await other.say(vera, conversation, client_id="1", patience_s=PATIENCE_S)
        assert [result.code for result in (await sending, same)] == ["retry", "retry"]
        members.go_on()

        async def taken(client_id: str) -> bool:
            return not (await other.say(vera, conversation, client_id=client_id, patience_s=PATIENCE_S)).code

        await eventually(lambda: taken("1"), seconds=60)
        await eventually(lambda: taken("2"), seconds=60)
        log = await one.log(conversation, vera)
        assert [entry.seq for entry in log] == [1, 2, 3, 4]
        assert [entry.client_id for entry in log[2:]] == ["1", "2"]
