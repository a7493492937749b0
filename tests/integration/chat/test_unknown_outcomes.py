"""An append with an unknown outcome gets `retry`, and the repeated request finds the outcome (requirements I-1, I-2)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from services.gateway.fanout.gap_detector import GapDetector
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.conftest import Mongo, away
from tests.integration.chat.running_chat import SHORT_INTERVALS, Running, running_chat, visitor
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow

QUICK = SHORT_INTERVALS._replace(insert_timeout_s=1.0)


@pytest.fixture
async def cut_off(
    mongodb_url: str, vhost_url: str, database_proxy: Proxy, database_prefix: str, tmp_path: Path
) -> AsyncIterator[Running]:
    """A process whose connection to the database can be cut."""
    url = database_proxy.through(mongodb_url).replace("replicaSet=rs0", "directConnection=true")
    async with running_chat(url, vhost_url, database_prefix, tmp_path, QUICK) as running:
        yield running


def stored(database: Mongo, client_id: str) -> int:
    return database.entries.count_documents({"client_id": client_id})


async def client_ids(one: Running, conversation: str, reader: chat_pb2.Person) -> list[str]:
    return [entry.client_id for entry in await one.log(conversation, reader)]


async def sent_until_taken(
    one: Running, author: chat_pb2.Person, conversation: str, client_id: str
) -> chat_pb2.AppendResult:
    """Retries as a client does."""

    async def taken() -> chat_pb2.AppendResult | None:
        result = await one.write(author, conversation, client_id=client_id)
        assert result.code in ("", "retry", "unavailable"), result.code
        return None if result.code else result

    return await eventually(taken)  # type: ignore[arg-type]  # None means retry


async def test_an_insert_without_an_answer_is_found_by_the_repeated_request(
    chat: Running, cut_off: Running, database_proxy: Proxy, database: Mongo, ear: Ear
) -> None:
    vera = visitor()
    conversation = (await cut_off.write(vera)).conversation
    # Opens several connections, so that one is free for the insert while others wait; a new connection would block in its handshake.
    await asyncio.gather(*(client_ids(cut_off, conversation, vera) for _ in range(10)))
    database_proxy.hold_answers()
    sending = asyncio.create_task(cut_off.write(vera, conversation, client_id="lost"))
    await eventually(lambda: stored(database, "lost"))
    assert not sending.done(), "acknowledged before the database said so"
    result = await sending
    assert (result.code, result.retry_ms > 0) == ("retry", True)
    # Another process acknowledges the repeated message at once and appends after it.
    again = await chat.write(vera, conversation, client_id="lost")
    assert (again.code, again.seq, again.duplicate) == ("", 3, True)
    assert (await chat.write(vera, conversation, client_id="next")).seq == 4
    database_proxy.reset()
    database_proxy.heal()
    healed = await sent_until_taken(cut_off, vera, conversation, "lost")
    assert (healed.seq, healed.duplicate) == (3, True)
    assert (await sent_until_taken(cut_off, vera, conversation, "last")).seq == 5
    assert (await client_ids(chat, conversation, vera))[2:] == ["lost", "next", "last"]
    # The process with the unknown outcome left a gap in its hint numbers, so readers sync.
    reader = GapDetector()
    name = cut_off.chat.hints.name
    assert sum(reader.observe(name, number, 0) for number in ear.numbers(name)) >= 2


async def test_an_insert_that_arrives_after_the_retry_changes_nothing(
    chat: Running, cut_off: Running, database_proxy: Proxy, database: Mongo
) -> None:
    """Faults F5 and F6: its seq is taken by then, so the insert fails."""
    vera = visitor()
    conversation = (await cut_off.write(vera)).conversation
    database_proxy.black_hole()
    result = await cut_off.write(vera, conversation, client_id="late")
    assert result.code == "retry"
    assert stored(database, "late") == 0
    assert (await chat.write(vera, conversation, client_id="late")).seq == 3
    assert (await chat.close(conversation, vera)).head == 4
    database_proxy.heal()
    assert (await sent_until_taken(cut_off, vera, conversation, "late")).duplicate
    assert (await cut_off.write(vera, conversation, client_id="after")).code == "closed"
    kinds = [entry.kind for entry in await cut_off.log(conversation, vera)]
    assert kinds == ["opened", "message", "message", "closed"]


async def test_a_database_outage_loses_and_doubles_nothing(cut_off: Running, database_proxy: Proxy) -> None:
    vera = visitor()
    conversation = (await cut_off.write(vera)).conversation
    async with away(database_proxy):
        result = await cut_off.write(vera, conversation, client_id="1")
        assert result.code in ("retry", "unavailable")
        with pytest.raises(Refused) as refused:
            await cut_off.fetch(conversation, vera)
        assert refused.value.code in (Code.RETRY, Code.UNAVAILABLE)
    assert (await sent_until_taken(cut_off, vera, conversation, "1")).seq == 3
    assert (await client_ids(cut_off, conversation, vera))[2:] == ["1"]
