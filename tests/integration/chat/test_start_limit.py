"""A4: one visitor starts a bounded number of conversations, whichever replica and connection each message comes by."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.codes import Code
from kit.ids import new_id, now_ms
from tests.integration.chat.running_chat import Running, agent, running_chat, visitor

pytestmark = pytest.mark.slow


async def test_a_visitor_that_opens_and_closes_waits_for_the_next_one(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Two replicas count together. After the named wait the same message is stored; agents and other visitors are not affected."""
    ahead_ms = 0

    def now() -> int:
        return now_ms() + ahead_ms

    where = (mongodb_url, vhost_url, database_prefix, tmp_path)
    async with (
        running_chat(*where, visitor_chats=4, now=now) as first,
        running_chat(*where, visitor_chats=4, now=now) as second,
    ):
        replicas: Iterator[Running] = itertools.cycle((first, second))
        vera, ana = visitor(), agent()
        for _ in range(4):
            chat = next(replicas)
            opened = await chat.write(vera)
            assert opened.code == ""
            assert (await chat.write(vera, opened.conversation)).seq == 3, "the open conversation has no such limit"
            await chat.close(opened.conversation, vera)
        client_id = new_id()
        refusals = [await chat.write(vera, client_id=client_id) for chat in (first, second)]
        assert [refused.code for refused in refusals] == [Code.TOO_FAST] * 2
        assert all(0 < refused.retry_ms <= 600_000 for refused in refusals)
        assert (await first.write(visitor())).code == ""
        started = await second.start(vera, ana)
        assert not started.resumed, "an agent may start one with this visitor"
        assert (await first.write(vera, client_id=client_id)).conversation == started.conversation.conversation
        await first.close(started.conversation.conversation, ana)

        ahead_ms = refusals[0].retry_ms
        assert (await second.write(vera)).code == ""


async def test_a_repeated_message_is_acknowledged_past_the_limit(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """It was stored, so a refusal would make the client show it as unsent."""
    async with running_chat(mongodb_url, vhost_url, database_prefix, tmp_path, visitor_chats=1) as chat:
        vera = visitor()
        sent = await chat.write(vera, client_id="once")
        await chat.close(sent.conversation, vera)
        again = await chat.write(vera, client_id="once")
        assert (again.code, again.duplicate, again.conversation) == ("", True, sent.conversation)
        assert (await chat.write(vera)).code == Code.TOO_FAST
