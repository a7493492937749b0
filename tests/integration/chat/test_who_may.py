"""Access over gRPC: visitors to their own conversations, agents to those of their site, callers with a site's token as themselves."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from palique.chat.v1 import chat_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub

from kit.codes import Code, Refused
from kit.ids import new_id
from tests.integration.chat.running_chat import SITE, Running, agent, visitor
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow


async def refused(call: Awaitable[Any]) -> Code:
    with pytest.raises(Refused) as caught:
        await call
    return caught.value.code


async def test_notes_never_reach_the_visitor(chat: Running) -> None:
    """Requirement I-20: a visitor gets only the seq of a note."""
    vera, ana = visitor(), agent()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    note = await chat.write(ana, conversation, "difficult", client_id="n-1", kind="note")
    await chat.write(ana, conversation, "Hello")
    theirs = await chat.fetch(conversation, vera)
    assert [(entry.seq, entry.kind) for entry in theirs.entries] == [
        (1, "opened"),
        (2, "assigned"),
        (3, "hidden"),
        (4, "message"),
    ]
    hidden = chat_pb2.Entry(conversation=conversation, epoch=1, seq=note.seq, kind="hidden")
    assert theirs.entries[2] == hidden
    assert b"difficult" not in theirs.SerializeToString()
    assert (await chat.log(conversation, ana))[2].text == "difficult"
    assert (await chat.write(vera, conversation, kind="note")).code == "forbidden"


async def test_a_missing_and_a_foreign_conversation_get_the_same_answer(chat: Running) -> None:
    """Requirement I-18: foreign data looks the same as missing data."""
    vera, eve, ana = visitor(), visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    calls: list[Callable[[str, chat_pb2.Person, str], Awaitable[object]]] = [
        lambda where, who, site: chat.fetch(where, who, site=site),
        lambda where, who, site: chat.get(where, who, site=site),
        lambda where, who, site: chat.close(where, who, site=site),
        lambda where, who, site: chat.accept(where, who, site=site),
        lambda where, who, site: chat.release(where, who, site=site),
        lambda where, who, site: chat.take_over(where, who, site=site),
    ]
    for call in calls:
        for where, who, site in ((conversation, eve, SITE), (conversation, ana, "other"), ("f" * 32, ana, SITE)):
            assert await refused(call(where, who, site)) is Code.NOT_FOUND
    assert (await chat.write(eve, conversation)).code == "not_found"
    assert (await chat.write(vera, "f" * 32)).code == "not_found"
    assert (await chat.write(vera, "$where")).code == "not_found"


async def test_a_closed_conversation_is_refused_and_the_next_message_opens_another(
    chat: Running, second: Running
) -> None:
    """Requirement I-25."""
    vera, ana = visitor(), agent()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    await second.fetch(conversation, vera)
    await chat.close(conversation, ana)
    for one in (chat, second):
        for who, kind in ((vera, "message"), (ana, "message"), (ana, "note")):
            result = await one.write(who, conversation, kind=kind)
            assert (result.code, result.retry_ms) == ("closed", 0)
        assert await refused(one.accept(conversation, ana)) is Code.CLOSED
    following = await second.write(vera)
    assert (following.code, following.seq) == ("", 2)
    assert following.conversation != conversation
    assert len(await chat.log(conversation, ana)) == 3


async def test_a_caller_with_a_sites_token_acts_as_itself(chat: Running) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    item = chat_pb2.AppendItem(
        conversation=conversation, author=ana, kind="message", client_id=new_id(), text="Your parcel left."
    )
    request = chat_pb2.AppendRequest(site=SITE, items=[item])
    assert (await chat.crm.call(lambda stub: stub.Append, request)).results[0].code == ""
    entry = (await chat.log(conversation, ana))[-1]
    assert (entry.author.kind, entry.author.id, entry.author.name) == ("integration", "crm", "crm")
    closing = chat_pb2.CloseRequest(site=SITE, conversation=conversation, by=ana)
    assert (await chat.crm.call(lambda stub: stub.Close, closing)).conversation.status == "closed"
    assert (await chat.log(conversation, ana))[-1].author.kind == "integration"
    started = await chat.crm.call(lambda stub: stub.Start, chat_pb2.StartRequest(site=SITE, visitor=vera, by=vera))
    assert (started.conversation.status, started.conversation.started_by) == ("waiting", "agent")
    item.conversation = ""
    again = chat_pb2.AppendRequest(site=SITE, items=[item])
    assert (await chat.crm.call(lambda stub: stub.Append, again)).results[0].code == "invalid"


async def test_release_and_take_over_need_the_sites_setting_and_the_right_agent(chat: Running) -> None:
    vera, ana, ben = visitor(), agent(), agent("Ben")
    conversation = (await chat.start(vera, ana)).conversation.conversation
    assert await refused(chat.release(conversation, ana, teams=False)) is Code.SWITCHED_OFF
    assert await refused(chat.release(conversation, ben)) is Code.NOT_ASSIGNED
    assert await refused(chat.release(conversation, vera)) is Code.FORBIDDEN
    assert await refused(chat.take_over(conversation, ben, any_assignee=False)) is Code.FORBIDDEN
    for _ in range(2):
        assert (await chat.take_over(conversation, ben)).assignee.id == ben.id
    for _ in range(2):
        assert (await chat.release(conversation, ben)).status == "waiting"
    assert await refused(chat.take_over(conversation, ana)) is Code.NOT_ASSIGNED
    kinds = [(entry.kind, entry.by, entry.reason) for entry in await chat.log(conversation, ana)]
    assert kinds[1:] == [("assigned", "", ""), ("assigned", "take_over", ""), ("requeued", "", "released")]
    await chat.close(conversation, vera)
    assert await refused(chat.release(conversation, ben)) is Code.CLOSED
    assert await refused(chat.take_over(conversation, ben)) is Code.CLOSED


async def test_a_caller_with_a_sites_token_gets_nothing_of_another_site(chat: Running) -> None:
    listing = chat_pb2.ListConversationsRequest(site="other", limit=1)
    assert await refused(chat.crm.call(lambda stub: stub.ListConversations, listing)) is Code.FORBIDDEN
    nowhere = chat_pb2.ListConversationsRequest(limit=1)
    assert await refused(chat.crm.call(lambda stub: stub.ListConversations, nowhere)) is Code.FORBIDDEN


async def test_a_call_without_a_token_is_refused(chat: Running) -> None:
    async with grpc.aio.insecure_channel(chat.pool.addresses[0]) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ChatServiceStub(channel).ListConversations(chat_pb2.ListConversationsRequest(site=SITE, limit=1))
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


MALFORMED: list[JsonObject] = [
    {"text": ""},
    {"text": " \n"},
    {"text": "x" * 4001},
    {"text": "a\0b"},
    {"client_id": ""},
    {"client_id": "x" * 65},
    {"kind": "closed"},
    {"kind": ""},
    {"author": chat_pb2.Person(kind="robot", id="x")},
    {"author": chat_pb2.Person(kind="agent", id="a%b")},
    {"author": chat_pb2.Person()},
    {"origin": "x" * 65},
    {"country": "Spain"},
]


async def test_a_refusal_names_the_malformed_field(chat: Running) -> None:
    good: JsonObject = {"author": visitor(), "kind": "message", "client_id": "1", "text": "x"}
    for wrong in MALFORMED:
        result = (await chat.append(chat_pb2.AppendItem(**{**good, **wrong})))[0]
        assert (result.code, result.retry_ms, result.conversation) == ("invalid", 0, ""), wrong
        assert next(iter(wrong)) in result.message
    assert list((await chat.list_conversations()).conversations) == []


async def test_more_than_256_items_are_refused(chat: Running) -> None:
    assert await refused(chat.append(*[chat_pb2.AppendItem()] * 257)) is Code.INVALID
    assert list(await chat.append()) == []
