"""Tickets that are created by request, without a conversation: chat and presence may be unreachable."""

import asyncio
from typing import Any

import grpc
import pytest
from palique.tickets.v1 import tickets_pb2

from tests.integration.tickets.service import ANA, BEN, Service, metadata
from tests.support.json_object import JsonObject


def wanted(client_id: str = "c1", **fields: Any) -> tickets_pb2.CreateTicketRequest:
    given = {"site": "acme", "subject": "Broken lamp", "text": "It arrived\nbroken.", "by": ANA}
    return tickets_pb2.CreateTicketRequest(client_id=client_id, **{**given, **fields})


async def create(tickets: Service, client_id: str = "c1", token: str = "ours", **fields: object) -> tickets_pb2.Ticket:
    answer = await tickets.stub.CreateTicket(wanted(client_id, **fields), metadata=metadata(token), timeout=5)
    return answer.ticket


async def change(tickets: Service, ticket: tickets_pb2.Ticket, version: int, **fields: Any) -> tickets_pb2.Ticket:
    request = tickets_pb2.ChangeTicketRequest(
        **{"site": ticket.site, "ticket": ticket.ticket, "version": version, "by": ANA, **fields}
    )
    answer = await tickets.stub.ChangeTicket(request, metadata=metadata(), timeout=5)
    return answer.ticket


async def test_a_ticket_is_read_as_it_was_created(tickets: Service) -> None:
    visitor = tickets_pb2.Person(kind="visitor", id="v1", name="Vera")
    made = await create(tickets, visitor=visitor, visitor_email="vera@münchen.example", priority="high")
    request = tickets_pb2.GetTicketRequest(site="acme", ticket=made.ticket)
    read = (await tickets.stub.GetTicket(request, metadata=metadata(), timeout=5)).ticket
    assert read == made
    assert (read.number, read.version, read.status, read.priority) == (1, 1, "open", "high")
    assert (read.visitor, read.visitor_email) == (visitor, "vera@münchen.example")
    assert [(line.author, line.text) for line in read.transcript] == [(visitor, "It arrived\nbroken.")]


async def test_concurrent_requests_with_one_client_id_make_one_ticket(tickets: Service) -> None:
    """Requirement I-2: a client id of an author makes one record."""
    made = await asyncio.gather(*(create(tickets) for _ in range(20)))
    assert {ticket.ticket for ticket in made} == {made[0].ticket}
    assert (await create(tickets, by=BEN)).ticket != made[0].ticket  # client ids are per author


async def test_numbers_are_dense_and_unique_per_site_under_concurrent_requests(tickets: Service) -> None:
    made = await asyncio.gather(*(create(tickets, f"c{n}") for n in range(25)))
    assert sorted(ticket.number for ticket in made) == list(range(1, 26))
    assert (await create(tickets, site="other")).number == 1


async def test_a_list_is_newest_first_and_its_pages_hold_each_ticket_once(tickets: Service) -> None:
    for n in range(7):
        made = await create(tickets, f"c{n}", subject=f"No {n + 1}")
        if n % 2:
            await change(tickets, made, 1, status="solved")
    await create(tickets, site="other")
    numbers: list[int] = []
    cursor = ""
    while True:
        request = tickets_pb2.ListTicketsRequest(site="acme", cursor=cursor, limit=3)
        page = await tickets.stub.ListTickets(request, metadata=metadata(), timeout=5)
        numbers += [ticket.number for ticket in page.tickets]
        assert all(not ticket.transcript and not ticket.history for ticket in page.tickets)
        cursor = page.next
        if not cursor:
            break
    assert numbers == [7, 6, 5, 4, 3, 2, 1]
    solved = tickets_pb2.ListTicketsRequest(site="acme", status="solved", limit=100)
    found = await tickets.stub.ListTickets(solved, metadata=metadata(), timeout=5)
    assert [ticket.number for ticket in found.tickets] == [6, 4, 2]


async def test_a_change_is_in_the_history_with_person_time_and_field(tickets: Service) -> None:
    made = await create(tickets)
    after = await change(tickets, made, 1, status="pending", assignee=BEN, subject="Lamp")
    assert (after.version, after.status, after.assignee, after.subject) == (2, "pending", BEN, "Lamp")
    assert [(line.by, line.field, line.before, line.after) for line in after.history] == [
        (ANA, "subject", "Broken lamp", "Lamp"),
        (ANA, "status", "open", "pending"),
        (ANA, "assignee", "ana", "ben"),
    ]
    assert all(made.created_at_ms <= line.at_ms == after.updated_at_ms for line in after.history)
    unassigned = await change(tickets, made, 2, assignee=tickets_pb2.Person())
    assert not unassigned.HasField("assignee")


async def test_of_concurrent_changes_one_succeeds_and_the_others_conflict(tickets: Service) -> None:
    """Requirement S-59: no change overwrites another one unseen."""
    made = await create(tickets)
    answers = await asyncio.gather(
        *(
            change(tickets, made, 1, subject=f"By {n}", by=tickets_pb2.Person(kind="agent", id=f"a{n}"))
            for n in range(8)
        ),
        return_exceptions=True,
    )
    done = [answer for answer in answers if isinstance(answer, tickets_pb2.Ticket)]
    refused = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert len(done) == 1
    assert {error.code() for error in refused} == {grpc.StatusCode.ABORTED}
    assert {dict(error.trailing_metadata() or ())["palique-code"] for error in refused} == {"conflict"}


async def test_a_change_repeated_after_an_unknown_outcome_succeeds_once(tickets: Service) -> None:
    made = await create(tickets)
    first = await change(tickets, made, 1, status="solved")
    again = await change(tickets, made, 1, status="solved")
    assert again == first
    assert again.version == 2


async def test_a_caller_with_a_token_of_one_site_acts_as_itself_on_that_site_only(tickets: Service) -> None:
    made = await create(tickets, token="partner")
    request = tickets_pb2.ChangeTicketRequest(site="acme", ticket=made.ticket, version=1, by=ANA, status="solved")
    answer = await tickets.stub.ChangeTicket(request, metadata=metadata("partner"), timeout=5)
    assert answer.ticket.history[0].by == tickets_pb2.Person(kind="integration", id="crm", name="crm")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await create(tickets, token="partner", site="other")
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_missing_ticket_and_another_sites_ticket_look_the_same(tickets: Service) -> None:
    """Requirement I-18: the answer does not reveal the other site's ticket."""
    made = await create(tickets, site="other")
    for ticket in (made.ticket, "0" * 32):
        request = tickets_pb2.GetTicketRequest(site="acme", ticket=ticket)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await tickets.stub.GetTicket(request, metadata=metadata(), timeout=5)
        assert (refused.value.code(), refused.value.details()) == (
            grpc.StatusCode.NOT_FOUND,
            "There is no such ticket.",
        )
        with pytest.raises(grpc.aio.AioRpcError) as unchanged:
            await change(tickets, tickets_pb2.Ticket(site="acme", ticket=ticket), 1, status="solved")
        assert unchanged.value.code() is grpc.StatusCode.NOT_FOUND


BAD_FIELDS: list[tuple[JsonObject, str]] = [
    ({"subject": ""}, "subject"),
    ({"subject": "x" * 201}, "subject"),
    ({"subject": "   "}, "subject"),
    ({"subject": "\u200b\u3164"}, "subject"),
    ({"subject": "two\nlines"}, "subject"),
    ({"subject": "nul\0"}, "subject"),
    ({"text": "nul\0"}, "text"),
    ({"text": "x" * 4001}, "text"),
    ({"client_id": ""}, "client_id"),
    ({"client_id": "x" * 65}, "client_id"),
    ({"by": tickets_pb2.Person(kind="agent")}, "by.id"),
    ({"by": tickets_pb2.Person(kind="root", id="x")}, "by.kind"),
    ({"by": tickets_pb2.Person(kind="agent", id="\0")}, "by.id"),
    ({"visitor": tickets_pb2.Person(kind="agent", id="x")}, "visitor.kind"),
    ({"visitor": tickets_pb2.Person(kind="visitor", id="x", name="x" * 201)}, "visitor.name"),
    ({"visitor_email": "nobody"}, "visitor_email"),
    ({"visitor_email": "a@b.c\r\nBcc: d@e.f"}, "visitor_email"),
    ({"priority": "$gt"}, "priority"),
]


async def test_a_bad_field_is_refused_with_its_name(tickets: Service) -> None:
    for fields, named in BAD_FIELDS:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await create(tickets, **{"client_id": "c1", **fields})
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert (refused.value.details() or "").startswith(f"{named}:")


BAD_CHANGES: list[JsonObject] = [
    {"subject": ""},
    {"subject": "\u2800 \ufe0f"},
    {"status": ""},
    {"status": "waiting"},
    {"priority": ""},
    {"assignee": tickets_pb2.Person(kind="visitor", id="v")},
    {"assignee": tickets_pb2.Person(id="x")},
    {"ticket": ""},
    {"by": tickets_pb2.Person()},
]


async def test_bad_changes_are_refused_and_change_nothing(tickets: Service) -> None:
    made = await create(tickets)
    for fields in BAD_CHANGES:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await tickets.change(**{"ticket": made.ticket, "version": 1, **fields})
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await tickets.get(made.ticket) == made


async def test_a_bad_list_is_refused(tickets: Service) -> None:
    for fields in (
        {"cursor": "no"},
        {"cursor": "LTU="},
        {"limit": 0},
        {"limit": 101},
        {"limit": -1},
        {"status": "new"},
    ):
        request = tickets_pb2.ListTicketsRequest(**{"site": "acme", "limit": 10, **fields})  # type: ignore[arg-type]  # mixed values
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await tickets.stub.ListTickets(request, metadata=metadata(), timeout=5)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_without_chat_a_conversations_ticket_is_refused_as_unavailable_with_a_retry_time(
    tickets: Service,
) -> None:
    request = tickets_pb2.OpenFromConversationRequest(site="acme", conversation="c", by=ANA)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await tickets.stub.OpenFromConversation(request, metadata=metadata(), timeout=9)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert dict(refused.value.trailing_metadata() or ())["palique-retry-ms"]
