"""Lists of tickets by every filter, and comments: each once, newest first, of one site (requirements S-51, I-2, I-18)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
import pytest
from palique.tickets.v1 import tickets_pb2
from prometheus_client import CollectorRegistry
from pymongo import MongoClient

from kit.ids import new_id
from kit.mongo import Document, connect
from services.tickets.store.store import TicketStore
from tests.integration.tickets.service import ANA, BEN, Service, metadata
from tests.support.json_object import JsonObject


async def numbers(tickets: Service, **fields: Any) -> list[int]:
    request = tickets_pb2.ListTicketsRequest(**{"site": "acme", "limit": 100, **fields})
    answer = await tickets.stub.ListTickets(request, metadata=metadata(), timeout=10)
    return [ticket.number for ticket in answer.tickets]


async def comment(tickets: Service, ticket: str, text: str = "Called them.", **fields: object) -> tickets_pb2.Comment:
    return (await commented(tickets, ticket, text, **fields)).comment


async def commented(tickets: Service, ticket: str, text: str, **fields: Any) -> tickets_pb2.AddCommentResponse:
    request = tickets_pb2.AddCommentRequest(
        **{"site": "acme", "ticket": ticket, "client_id": new_id(), "text": text, "by": ANA, **fields}
    )
    return await tickets.stub.AddComment(request, metadata=metadata(), timeout=10)


async def comments(
    tickets: Service, ticket: str, site: str = "acme", limit: int = 100
) -> Sequence[tickets_pb2.Comment]:
    found: list[tickets_pb2.Comment] = []
    request = tickets_pb2.ListCommentsRequest(site=site, ticket=ticket, limit=limit)
    while True:
        page = await tickets.stub.ListComments(request, metadata=metadata(), timeout=10)
        assert len(page.comments) <= limit
        found += page.comments
        if not page.next:
            return found
        request.cursor = page.next


async def test_a_list_has_the_tickets_that_match_every_filter(tickets: Service) -> None:
    vera = tickets_pb2.Person(kind="visitor", id="v", name="Íñigo")
    lamp = await tickets.create("1", subject="Broken lamp", visitor=vera)
    teapot = await tickets.create("2", subject="La tetera GOTEA, otra vez", priority="urgent")
    other = await tickets.create("3", subject="Broken teapot 1")
    await tickets.create("4", subject="Broken", site="other")
    await tickets.change(lamp.ticket, 1, assignee=BEN, status="pending")
    await tickets.change(teapot.ticket, 1, subject="Tetera rota")
    await tickets.change(other.ticket, 1, assignee=tickets_pb2.Person())
    assert await numbers(tickets) == [3, 2, 1]
    assert await numbers(tickets, assignee="ben") == [1]
    assert await numbers(tickets, assignee="none") == [3]
    assert await numbers(tickets, priority="urgent") == [2]
    assert await numbers(tickets, status="pending", assignee="ben", priority="normal", text="lamp") == [1]
    assert await numbers(tickets, status="pending", assignee="ana") == []
    assert await numbers(tickets, text="broken") == [3, 1]
    assert await numbers(tickets, text="TETERA") == [2]
    assert await numbers(tickets, text="gotea") == [], "a term of the old subject"
    assert await numbers(tickets, text="inigo") == [1]
    assert await numbers(tickets, text="#2") == [2]
    assert await numbers(tickets, text="#1 broken") == [3, 1]
    assert await numbers(tickets, text="broken", site="other") == [1]


@pytest.mark.new_databases
async def test_every_list_is_read_by_an_index(tickets: Service, mongodb_url: str) -> None:
    """Budget B8: neither a scan of the collection nor a sort in memory."""
    made = await tickets.create("first", subject="Matter")
    for number in range(12):
        await tickets.create(f"{number}", subject=f"Matter {number}")
    with MongoClient[Document](mongodb_url) as client:
        database = client[f"{tickets.settings.mongodb_prefix}_tickets"]
        database.command("profile", 2)
        for fields in ({}, {"assignee": "ana"}, {"assignee": "none"}, {"priority": "low"}, {"text": "matter"}):
            await numbers(tickets, limit=5, **fields)
        await comment(tickets, made.ticket)
        await comments(tickets, made.ticket)
        database.command("profile", 0)
        wanted = {"ns": {"$in": [f"{database.name}.tickets", f"{database.name}.comments"]}}
        seen = [one for one in database["system.profile"].find(wanted) if "planSummary" in one]
    # The outbox asks for its few facts now and then: an index over lists gives no order for a part of them.
    seen = [one for one in seen if "facts.at_ms" not in one["command"].get("filter", {})]
    assert len(seen) > 7
    for one in seen:
        assert "COLLSCAN" not in one["planSummary"], one["command"]
        assert not one.get("hasSortStage"), one["command"]


async def test_concurrent_repeats_of_a_comment_make_one(tickets: Service) -> None:
    """Requirement I-2: a client id of an author makes one record."""
    made = await tickets.create("1")
    answers = await asyncio.gather(*(commented(tickets, made.ticket, "Called.", client_id="c") for _ in range(8)))
    assert sum(answer.created for answer in answers) == 1
    assert len({answer.comment.comment for answer in answers}) == 1
    by_ben = await comment(tickets, made.ticket, "Me too.", client_id="c", by=BEN)
    listed = await comments(tickets, made.ticket)
    assert list(listed) == [by_ben, answers[0].comment]
    assert (listed[1].text, listed[1].author) == ("Called.", ANA)


async def test_comments_are_paged_and_do_not_change_the_version(tickets: Service) -> None:
    made = await tickets.create("1")
    added = [await comment(tickets, made.ticket, f"{number}") for number in range(7)]
    assert list(await comments(tickets, made.ticket, limit=3)) == added[::-1]
    now = await tickets.get(made.ticket)
    assert (now.version, now.updated_at_ms) == (1, max(one.at_ms for one in added))
    changed = await tickets.change(made.ticket, 1, status="solved")
    assert [change.field for change in changed.history] == ["status"]


async def test_comments_of_another_sites_ticket_are_not_found(tickets: Service) -> None:
    """Requirement I-18: the answer is the same as for a ticket that does not exist."""
    made = await tickets.create("1", site="other")
    for ticket in (made.ticket, "0" * 32):
        for call in (comment(tickets, ticket), comments(tickets, ticket)):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call
            assert (refused.value.code(), refused.value.details()) == (
                grpc.StatusCode.NOT_FOUND,
                "There is no such ticket.",
            )
    assert not await comments(tickets, made.ticket, site="other")


async def test_bad_comments_and_filters_are_refused(tickets: Service) -> None:
    made = await tickets.create("1")
    bad: list[JsonObject] = [
        {"text": " "},
        {"text": "x" * 4001},
        {"text": "a\0"},
        {"client_id": ""},
        {"client_id": "x" * 65},
        {"by": tickets_pb2.Person()},
    ]
    for fields in bad:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await comment(tickets, made.ticket, **{"text": "x", **fields})
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    for filters in ({"priority": "$gt"}, {"text": "…"}, {"text": "x" * 201}, {"assignee": "\0"}):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await numbers(tickets, **filters)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_the_ticket_of_a_conversation_without_one_is_not_found(tickets: Service) -> None:
    request = tickets_pb2.GetTicketOfConversationRequest(site="acme", conversation="0" * 32)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await tickets.stub.GetTicketOfConversation(request, metadata=metadata(), timeout=10)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_terms_of_older_rules_are_stored_again(tickets: Service, mongodb_url: str, database_prefix: str) -> None:
    await tickets.create("1", subject="我想申请退款")
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    database = client[f"{database_prefix}_tickets"]
    await database["tickets"].update_one({"number": 1}, {"$set": {"words": ["1", "我想申请退款"]}})
    assert await numbers(tickets, text="退款") == []
    await database["migrations"].delete_many({})
    assert await TicketStore(database).migrations[0].run() == 1
    assert await numbers(tickets, text="退款") == [1]
    client.close()
