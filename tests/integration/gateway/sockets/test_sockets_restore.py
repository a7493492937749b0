"""Restore of chat's database from a backup: clients drop their longer copies, and the conversation goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from pymongo import MongoClient

from kit.mongo import Document
from services.chat.main import Chat
from tests.integration.gateway.sockets.browser import Browser
from tests.integration.gateway.sockets.running import Stack, quiet_log, running_stack
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject
from tests.support.palique import palique

pytestmark = [pytest.mark.slow, pytest.mark.new_databases]

Dump = dict[str, list[JsonObject]]


def dump(url: str, database: str) -> Dump:
    with MongoClient[Document](url) as client:
        return {name: list(client[database][name].find()) for name in ("entries", "conversations")}


def restore(url: str, database: str, dumped: Dump) -> None:
    with MongoClient[Document](url) as client:
        for name, documents in dumped.items():
            collection = client[database][name]
            indexes = [index for index in collection.list_indexes() if index["name"] != "_id_"]
            collection.drop()
            for index in indexes:
                kept = {
                    option: index[option] for option in ("name", "unique", "partialFilterExpression") if option in index
                }
                collection.create_index(list(index["key"].items()), **kept)
            collection.insert_many(documents)


@asynccontextmanager
async def another_chat(demo: Stack) -> AsyncIterator[None]:
    """Starts chat in place of the stopped process."""
    stopping = asyncio.Event()
    chat = Chat(demo.chats[0].settings, log=quiet_log(), registry=CollectorRegistry())
    running = asyncio.create_task(chat.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await running


async def restarted(browser: Browser, conversation: str) -> tuple[int, list[int]]:
    """The client's reaction to `reset`; returns the epoch and the seqs of its new copy."""
    reset = await browser.next("reset", lambda frame: frame["conversation"] == conversation, 30)
    ref = f"from-{reset['epoch']}"
    await browser.send_frame("fetch", ref=ref, conversation=conversation, epoch=reset["epoch"], after=0, limit=100)
    page = await browser.next("entries", lambda frame: frame["ref"] == ref)
    # A repeated old fact may cause the reset; then the head is not the newest.
    assert (page["epoch"], page["head"] >= reset["head"]) == (reset["epoch"], True)
    return page["epoch"], [item["seq"] for item in page["items"]]


async def whole_dump(mongodb_url: str, database: str, head: int) -> Dump:
    """The document follows the log within a second."""
    kept: Dump = {}

    def is_whole() -> bool:
        kept.update(dump(mongodb_url, database))
        return bool(kept["conversations"][0]["head"] == head)

    await eventually(is_whole)
    return kept


async def test_after_a_restore_every_copy_is_reset_and_the_conversation_goes_on(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Requirement I-3: for connected clients, and for one that returns with a cursor past the end."""
    settings = {"PALIQUE_MONGODB_URL": mongodb_url, "PALIQUE_MONGODB_PREFIX": database_prefix}
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path) as demo:
        token, _ = await demo.gateway.new_visitor()
        cookie = await demo.sign_in("Ana")
        async with demo.gateway.visitor(token) as vera, demo.gateway.agent(cookie) as ana:
            conversation = (await vera.send("Kept"))["conversation"]
            await ana.send_frame("accept", ref="1", conversation=conversation)
            await vera.entry(seq=3)
            kept = await whole_dump(mongodb_url, f"{database_prefix}_chat", head=3)
            for text in ("Lost", "Lost, too"):
                await ana.send(text, conversation)
            await vera.entry(seq=5)

            await demo.chats[0].stop()
            restore(mongodb_url, f"{database_prefix}_chat", kept)
            raised = await asyncio.to_thread(palique, "raise-epoch", settings=settings)
            assert raised.status == 0, raised
            assert raised.out.startswith("chat: 1 conversations are at epoch ")
            async with another_chat(demo):
                epoch, seqs = await restarted(vera, conversation)
                assert (epoch > 1, seqs) == (True, [1, 2, 3])
                assert await restarted(ana, conversation) == (epoch, [1, 2, 3])
                # A client that missed the reset learns of it by its ping, although its copy is longer than the log.
                old = [{"conversation": conversation, "epoch": 1, "seq": 5}]
                await vera.send_frame("ping", cursors=old)
                assert (await vera.next("pong"))["heads"] == [{"conversation": conversation, "epoch": epoch, "head": 3}]
                ack = await vera.send("After", conversation)
                assert (ack["epoch"], ack["seq"]) == (epoch, 4)
                assert (await ana.entry(seq=4, epoch=epoch))["text"] == "After"
                async with demo.gateway.visitor(token, old) as back:
                    assert await restarted(back, conversation) == (epoch, [1, 2, 3, 4])


def test_an_inconsistent_backup_is_refused(mongodb_url: str, database_prefix: str) -> None:
    """The next append would leave a gap after the end of the log."""
    settings = {"PALIQUE_MONGODB_URL": mongodb_url, "PALIQUE_MONGODB_PREFIX": database_prefix}
    torn = {"_id": "c" * 32, "site": "demo", "head": 3, "epoch": 1}
    restore(
        mongodb_url, f"{database_prefix}_chat", {"conversations": [torn], "entries": [{"_id": f"{'c' * 32}.000000002"}]}
    )
    raised = palique("raise-epoch", settings=settings)
    assert (raised.status, f"{'c' * 32}.000000003" in raised.err) == (1, True), raised
    assert dump(mongodb_url, f"{database_prefix}_chat")["conversations"] == [torn]
