"""A whole conversation over gRPC, from the first message to the end."""

from tests.integration.chat.running_chat import Running, agent, visitor


async def test_a_whole_conversation(chat: Running) -> None:
    vera, ana = visitor(), agent()
    first = await chat.write(vera, text="Hi")
    assert (first.code, first.seq, first.duplicate) == ("", 2, False)
    conversation = first.conversation
    assert (await chat.accept(conversation, ana)).status == "active"
    answer = await chat.write(ana, conversation, "Hello, Vera")
    assert (answer.code, answer.seq) == ("", 4)
    note = await chat.write(ana, conversation, "Seems nice", kind="note")
    assert note.seq == 5
    closed = await chat.close(conversation, ana)
    assert (closed.status, closed.head, closed.messages) == ("closed", 6, 2)
    log = await chat.log(conversation, ana)
    assert [entry.kind for entry in log] == ["opened", "message", "assigned", "message", "note", "closed"]
    assert [entry.seq for entry in log] == [1, 2, 3, 4, 5, 6]
