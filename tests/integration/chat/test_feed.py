"""The feed: facts by a cursor, for services that cannot use the broker."""

import asyncio
from collections.abc import Sequence

import grpc
import pytest
from palique.chat.v1 import feed_pb2, live_pb2
from palique.chat.v1.feed_pb2_grpc import FeedServiceStub

from kit.codes import Code, Refused
from services.chat.store.feed import DELETE_EVERY, KEPT_MS
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import CRM_TOKEN, OTHER_SITE, OUR_TOKEN, SITE, Running, agent, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def poll(
    chat: Running, cursor: int = 0, *, limit: int = 100, wait_ms: int = 0, site: str = SITE, token: str = OUR_TOKEN
) -> feed_pb2.PollResponse:
    request = feed_pb2.PollRequest(site=site, cursor=cursor, limit=limit, wait_ms=wait_ms)
    async with grpc.aio.insecure_channel(chat.settings.grpc_address) as channel:
        call = FeedServiceStub(channel).Poll
        return await call(request, metadata=(("authorization", f"Bearer {token}"),), timeout=40)


def ids(facts: Sequence[live_pb2.Fact]) -> list[tuple[str, str]]:
    return [(fact.conversation.conversation, fact.kind) for fact in facts]


async def talk(chat: Running) -> str:
    """A closed conversation: three facts."""
    conversation = (await chat.write(visitor())).conversation
    ana = agent()
    await chat.accept(conversation, ana)
    await chat.close(conversation, ana)
    return conversation


async def read_all(chat: Running, facts: int) -> feed_pb2.PollResponse:
    async def there() -> feed_pb2.PollResponse | None:
        found = await poll(chat)
        return found if len(found.facts) >= facts else None

    return await eventually(there, sentence=f"the feed has {facts} facts")  # type: ignore[arg-type] # None means not yet


async def test_a_consumer_reads_every_fact_once_by_its_cursor(chat: Running) -> None:
    talks = [await talk(chat) for _ in range(3)]
    everything = await read_all(chat, 9)
    assert sorted(ids(everything.facts)) == sorted(
        (conversation, kind) for conversation in talks for kind in ("opened", "assigned", "closed")
    )
    read: list[live_pb2.Fact] = []
    cursor = 0
    while len(read) < 9:
        page = await poll(chat, cursor, limit=2)
        assert not page.missed
        assert 1 <= len(page.facts) <= 2
        read += page.facts
        cursor = page.cursor
    assert read == list(everything.facts)
    assert (await poll(chat, cursor)) == feed_pb2.PollResponse(cursor=cursor)


async def test_a_waiting_call_returns_with_the_next_fact_of_another_process(chat: Running, second: Running) -> None:
    waiting = asyncio.create_task(poll(chat, wait_ms=25_000))
    conversation = (await second.write(visitor())).conversation
    assert ids((await waiting).facts) == [(conversation, "opened")]


async def test_two_processes_add_facts_in_one_dense_order(chat: Running, second: Running, database: Mongo) -> None:
    await asyncio.gather(*(talk(each) for each in (chat, second) * 6))
    await read_all(chat, 36)
    numbers = [document["_id"] for document in database.feed.find().sort("_id")]
    assert numbers == [f"{SITE}.{number:015d}" for number in range(1, 37)]


async def test_a_fact_that_is_published_again_is_in_the_feed_once(chat: Running, database: Mongo, ear: Ear) -> None:
    """As after a crash between the broker and the end of the outbox."""
    await talk(chat)
    await read_all(chat, 3)
    await eventually(lambda: not database.entries.count_documents({"outbox": True}), sentence="the outbox is empty")
    database.entries.update_many({"kind": "opened"}, {"$set": {"outbox": True, "at": 1}})
    await eventually(lambda: not database.entries.count_documents({"outbox": True}), sentence="the outbox is empty")
    assert ear is not None  # without a queue that takes facts, the outbox keeps them
    assert len((await poll(chat)).facts) == 3


async def test_a_consumer_behind_the_oldest_fact_learns_that_it_missed_some(chat: Running, database: Mongo) -> None:
    await talk(chat)
    await read_all(chat, 3)
    first, _, third = [document["_id"] for document in database.feed.find().sort("_id")]
    database.feed.delete_many({"_id": {"$lt": third}})
    assert first.endswith("1")
    assert not (await poll(chat, 2)).missed
    assert (await poll(chat, 1)).missed
    # A restored backup is behind the consumer.
    ahead = await poll(chat, 40, wait_ms=25_000)
    assert (ahead.missed, ahead.cursor, list(ahead.facts)) == (True, 3, [])


async def test_old_facts_are_deleted_and_the_newest_keeps_the_number(chat: Running, database: Mongo) -> None:
    await talk(chat)
    await read_all(chat, 3)
    (newest,) = database.feed.find().sort("_id", -1).limit(1)
    database.feed.delete_many({})
    old = {**newest, "_id": f"{SITE}.{DELETE_EVERY - 1:015d}", "at": newest["at"] - KEPT_MS - 1}
    database.feed.insert_one(old)
    await chat.write(visitor())
    await eventually(
        lambda: [document["_id"] for document in database.feed.find()] == [f"{SITE}.{DELETE_EVERY:015d}"],
        sentence="the fact of the last week is gone, and numbers go on",
    )


async def test_a_caller_of_one_site_gets_the_facts_of_that_site_only(chat: Running) -> None:
    await talk(chat)
    await read_all(chat, 3)
    theirs = await chat.start(visitor(), agent(), site=OTHER_SITE)

    async def there() -> bool:
        return len((await poll(chat, site=OTHER_SITE)).facts) == 2

    await eventually(there, sentence="the feed of the other site has its two facts")
    facts = (await poll(chat, site=OTHER_SITE)).facts
    assert {fact.conversation.conversation for fact in facts} == {theirs.conversation.conversation}
    assert {fact.conversation.site for fact in (await poll(chat, token=CRM_TOKEN)).facts} == {SITE}
    assert len((await poll(chat, token=CRM_TOKEN)).facts) == 3
    for token, site in ((CRM_TOKEN, OTHER_SITE), ("wrong", SITE)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await poll(chat, site=site, token=token)
        assert refused.value.code() in (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED)


@pytest.mark.parametrize("bad", [{"cursor": -1}, {"limit": 0}, {"limit": 501}, {"wait_ms": 25_001}, {"wait_ms": -1}])
async def test_bad_input_is_refused(chat: Running, bad: dict[str, int]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await poll(chat, **{"cursor": 0, **bad})  # type: ignore[arg-type]
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_stopping_process_ends_its_waiting_calls(chat: Running) -> None:
    waiting = asyncio.create_task(poll(chat, wait_ms=25_000))
    await eventually(lambda: chat.chat._feed._waiting == 1, sentence="the call waits")  # noqa: SLF001
    chat.stopping.set()
    assert list((await waiting).facts) == []


async def test_further_waiting_calls_are_refused(chat: Running) -> None:
    chat.chat._feed._waiting = 200  # noqa: SLF001
    with pytest.raises(Refused) as refused:
        await chat.chat._feed.poll(SITE, 0, 1, 0)  # noqa: SLF001
    assert refused.value.code is Code.OVERLOADED
