"""Requirement I-3: a client that was away reaches the state of the server by cursors, whatever hints it received."""

from palique.chat.v1 import chat_pb2

from tests.integration.chat.running_chat import Running, agent, visitor


def cursor(conversation: str, seq: int) -> chat_pb2.Cursor:
    return chat_pb2.Cursor(conversation=conversation, seq=seq)


async def test_sync_returns_only_logs_that_grew(chat: Running, second: Running) -> None:
    vera, bob, eve = visitor(), visitor(), visitor()
    grew = (await chat.write(vera)).conversation
    same = (await chat.write(bob)).conversation
    foreign = (await chat.start(eve, eve, site="other")).conversation.conversation
    for _ in range(3):
        await chat.write(vera, grew)
    cursors = [cursor(grew, 2), cursor(same, 2), cursor(foreign, 0), cursor("f" * 32, 0), cursor("malformed", 0)]
    missed = await second.sync(cursors=cursors)
    assert [(head.conversation, head.epoch, head.head) for head in missed.heads] == [(grew, 1, 5)]
    assert list((await second.sync(cursors=[cursor(grew, 5), cursor(grew[::-1], 7)])).heads) == []


async def test_sync_takes_many_cursors(chat: Running) -> None:
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    many = [cursor(f"{number:032x}", 0) for number in range(1200)]
    missed = await chat.sync(cursors=[*many, cursor(conversation, 1)])
    assert [(head.conversation, head.head) for head in missed.heads] == [(conversation, 2)]


async def test_sync_returns_the_open_conversations_of_visitors_and_agents(chat: Running, second: Running) -> None:
    vera, bob, eve, ana, ben = visitor(), visitor(), visitor(), agent(), agent("Ben")
    anas = (await chat.start(vera, ana)).conversation.conversation
    waiting = (await chat.write(bob)).conversation
    older = (await chat.write(eve)).conversation
    await chat.close(older, eve)
    closed = (await chat.write(eve)).conversation
    await chat.mark(closed, eve, 2)
    await chat.close(closed, eve)
    missed = await second.sync(visitors=[vera.id, bob.id, eve.id, "unknown"], agents=[ana.id, ben.id], waiting=True)
    by_id = {state.conversation: state for state in missed.conversations}
    assert set(by_id) == {anas, waiting, closed}
    assert (by_id[anas].status, by_id[anas].assignee.id) == ("active", ana.id)
    assert by_id[closed].status == "closed"
    assert [(mark.reader.id, mark.seq) for mark in by_id[closed].reads] == [(eve.id, 2)]
    assert [state.conversation for state in missed.waiting] == [waiting]
    elsewhere = await second.sync(site="other", visitors=[vera.id], agents=[ana.id], waiting=True)
    assert (list(elsewhere.conversations), list(elsewhere.waiting)) == ([], [])


async def test_waiting_conversations_are_oldest_first(chat: Running) -> None:
    waiting = [(await chat.write(visitor())).conversation for _ in range(5)]
    await chat.accept(waiting.pop(2), agent())
    assert [state.conversation for state in (await chat.sync(waiting=True)).waiting] == waiting


async def test_a_log_is_read_in_pages(chat: Running) -> None:
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    for number in range(8):
        await chat.write(vera, conversation, f"{number}")
    first = await chat.fetch(conversation, vera, limit=4)
    assert ([entry.seq for entry in first.entries], first.head, first.more) == ([1, 2, 3, 4], 10, True)
    rest = await chat.fetch(conversation, vera, after=4)
    assert ([entry.seq for entry in rest.entries], rest.head, rest.more) == ([5, 6, 7, 8, 9, 10], 10, False)
    past = await chat.fetch(conversation, vera, after=10)
    assert (list(past.entries), past.head, past.more) == ([], 10, False)


async def test_an_entry_is_stored_as_it_was_written(chat: Running) -> None:
    vera = visitor()
    text = "¿Qué tal?\n\t<script>alert(1)</script> {'$gt': ''} \U0001f600 \u202e"
    sent = await chat.write(vera, text=text, client_id="id 1")
    entry = (await chat.log(sent.conversation, vera))[1]
    assert (entry.text, entry.client_id, entry.at_ms) == (text, "id 1", sent.at_ms)
    assert (entry.author, entry.kind, entry.epoch) == (vera, "message", 1)
