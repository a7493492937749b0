"""Requirement I-2: one client id gives one entry and one answer, however often and to which process it is sent."""

import asyncio
import random
from collections.abc import Sequence

from palique.chat.v1 import chat_pb2

from kit.ids import new_id
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import Running, agent, visitor

DUPLICATES = 20


class Sender:
    """Sends as a client does: again while the outcome is unknown, which happens where many send at once on a slow machine."""

    def __init__(self) -> None:
        self._unknown = 0

    async def send(
        self, chat: Running, author: chat_pb2.Person, conversation: str = "", *, client_id: str
    ) -> chat_pb2.AppendResult:
        while True:
            result = await chat.write(author, conversation, client_id=client_id)
            if result.code != "retry":
                return result
            self._unknown += 1

    def same(self, results: Sequence[chat_pb2.AppendResult]) -> tuple[str, int]:
        """The one place that all results name; exactly one is no duplicate, unless its sender did not learn the outcome."""
        assert {result.code for result in results} == {""}
        places = {(result.conversation, result.epoch, result.seq, result.at_ms) for result in results}
        assert len(places) == 1
        originals = [result.duplicate for result in results].count(False)
        assert originals == 1 or (originals == 0 and self._unknown)
        return results[0].conversation, results[0].seq


async def test_concurrent_duplicates_to_two_processes_are_one_entry(
    chat: Running, second: Running, database: Mongo
) -> None:
    vera, sender = visitor(), Sender()
    conversation = (await chat.write(vera)).conversation
    client_id = new_id()
    both = [chat, second] * (DUPLICATES // 2)
    results = await asyncio.gather(*(sender.send(one, vera, conversation, client_id=client_id) for one in both))
    _, seq = sender.same(results)
    assert seq == 3
    assert database.entries.count_documents({"client_id": client_id}) == 1


async def test_concurrent_duplicates_of_a_first_message_open_one_conversation(
    chat: Running, second: Running, database: Mongo
) -> None:
    for _ in range(5):
        vera, client_id, sender = visitor(), new_id(), Sender()
        results = await asyncio.gather(*(sender.send(one, vera, client_id=client_id) for one in [chat, second] * 5))
        conversation, seq = sender.same(results)
        assert seq == 2
        assert database.conversations.count_documents({"visitor.id": vera.id}) == 1
        assert [entry.kind for entry in await chat.log(conversation, vera)] == ["opened", "message"]


async def test_many_messages_with_duplicates_in_random_order(chat: Running, second: Running) -> None:
    vera, sender = visitor(), Sender()
    conversation = (await chat.write(vera)).conversation
    ids = [new_id() for _ in range(30)]
    sends = [(one, client_id) for client_id in ids for one in (chat, second, chat)]
    random.Random(7).shuffle(sends)  # noqa: S311 - an order, no secret
    results = await asyncio.gather(*(sender.send(one, vera, conversation, client_id=key) for one, key in sends))
    answers = {
        client_id: sender.same([result for result, (_, key) in zip(results, sends, strict=True) if key == client_id])
        for client_id in ids
    }
    log = await second.log(conversation, vera)
    assert {entry.client_id: (conversation, entry.seq) for entry in log[2:]} == answers
    assert [entry.seq for entry in log] == list(range(1, 33))


async def test_two_authors_may_use_the_same_client_id(chat: Running) -> None:
    vera, ana = visitor(), agent()
    first = await chat.write(vera, client_id="1")
    await chat.accept(first.conversation, ana)
    answer = await chat.write(ana, first.conversation, client_id="1")
    assert (answer.code, answer.duplicate, answer.seq) == ("", False, 4)


async def test_a_duplicate_of_a_first_message_opens_no_second_conversation(chat: Running, second: Running) -> None:
    vera = visitor()
    first = await chat.write(vera, client_id="1")
    await chat.close(first.conversation, vera)
    again = await second.write(vera, client_id="1")
    assert (again.conversation, again.seq, again.duplicate) == (first.conversation, first.seq, True)
    assert (await second.list_conversations(visitor=vera.id)).conversations[0].conversation == first.conversation
    assert len((await second.list_conversations(visitor=vera.id)).conversations) == 1


async def test_a_duplicate_from_a_closed_conversation_is_not_appended_to_the_open_one(
    chat: Running, second: Running
) -> None:
    vera = visitor()
    first = await chat.write(vera, client_id="1")
    await chat.close(first.conversation, vera)
    following = await second.write(vera, client_id="2")
    assert following.conversation != first.conversation
    again = await chat.write(vera, client_id="1")
    assert (again.conversation, again.seq, again.duplicate) == (first.conversation, first.seq, True)
    assert len(await chat.log(following.conversation, vera)) == 2


async def test_a_duplicate_is_acknowledged_after_the_conversation_closed(chat: Running, second: Running) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    await chat.accept(conversation, ana)
    said = await chat.write(ana, conversation, client_id="a-1")
    await chat.close(conversation, ana)
    for one in (chat, second):
        again = await one.write(ana, conversation, client_id="a-1")
        assert (again.code, again.seq, again.duplicate) == ("", said.seq, True)
        assert (await one.write(ana, conversation, client_id="a-2")).code == "closed"


async def test_repeated_commands_change_nothing(chat: Running, second: Running) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    assert (await chat.accept(conversation, ana)).head == 3
    assert (await second.accept(conversation, ana)).head == 3
    assert (await second.close(conversation, ana)).head == 4
    assert (await chat.close(conversation, ana)).head == 4
