"""Requirement I-5: the log is dense and in one order for all readers, with two processes writing."""

import asyncio

from palique.chat.v1 import chat_pb2

from kit.ids import new_id
from tests.integration.chat.running_chat import Running, agent, visitor

WRITES = 25


async def test_many_writers_over_two_processes_make_one_dense_log(chat: Running, second: Running) -> None:
    vera, ana, ben = visitor(), agent(), agent("Ben")
    conversation = (await chat.write(vera)).conversation
    await chat.accept(conversation, ana)
    acknowledged: dict[str, int] = {}

    async def write(one: Running, author: str) -> None:
        person, kind = {"vera": (vera, "message"), "ana": (ana, "message"), "ben": (ben, "note")}[author]
        before = 0
        for number in range(WRITES):
            client_id = f"{author}-{id(one)}-{number}"
            result = await one.write(person, conversation, f"{author} {number}", client_id, kind)
            while (
                result.code == "retry"
            ):  # six writers of one conversation on a busy machine; a client sends the same again
                result = await one.write(person, conversation, f"{author} {number}", client_id, kind)
            assert result.code == "", result.message
            assert result.seq > before, "it was acknowledged before the next was sent"
            before = acknowledged[client_id] = result.seq

    async with asyncio.TaskGroup() as group:
        for one in (chat, second):
            for author in ("vera", "ana", "ben"):
                group.create_task(write(one, author))
    logs = [await one.log(conversation, reader) for one in (chat, second) for reader in (ana, ben)]
    assert all(log == logs[0] for log in logs)
    assert [entry.seq for entry in logs[0]] == list(range(1, 4 + 6 * WRITES))
    assert {entry.client_id: entry.seq for entry in logs[0][3:]} == acknowledged


async def test_readers_get_a_prefix_of_the_log_at_any_time(chat: Running, second: Running) -> None:
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    done = asyncio.Event()

    async def read(one: Running) -> list[str]:
        seen: list[str] = []
        while not done.is_set():
            page = await one.fetch(conversation, vera, after=len(seen), limit=7)
            assert [entry.seq for entry in page.entries] == [len(seen) + n + 1 for n in range(len(page.entries))]
            assert page.head >= len(seen) + len(page.entries)
            seen += [entry.client_id for entry in page.entries]
        return seen

    readers = [asyncio.create_task(read(one)) for one in (chat, second, chat)]
    for number in range(2 * WRITES):
        one = (chat, second)[number % 2]
        await one.write(vera, conversation, client_id=f"{number}")
    done.set()
    log = [entry.client_id for entry in await chat.log(conversation, vera)]
    for seen in await asyncio.gather(*readers):
        assert seen == log[: len(seen)]


async def test_items_of_one_request_keep_their_order(chat: Running, second: Running) -> None:
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    items = [
        chat_pb2.AppendItem(conversation=conversation, author=vera, kind="message", client_id=f"{n}", text=f"{n}")
        for n in range(20)
    ]
    competing = asyncio.gather(*(second.write(vera, conversation, client_id=new_id()) for _ in range(20)))
    results = await chat.append(*items)
    await competing
    seqs = [result.seq for result in results]
    assert seqs == sorted(seqs)


async def test_a_refused_item_does_not_affect_the_others(chat: Running) -> None:
    vera, eve = visitor(), visitor()
    conversation = (await chat.write(vera)).conversation

    def item(author: chat_pb2.Person, text: str) -> chat_pb2.AppendItem:
        return chat_pb2.AppendItem(
            conversation=conversation, author=author, kind="message", client_id=new_id(), text=text
        )

    results = await chat.append(item(vera, "one"), item(eve, "two"), item(vera, ""), item(vera, "three"))
    assert [result.code for result in results] == ["", "not_found", "invalid", ""]
    assert (results[0].seq, results[3].seq) == (3, 4)
