"""Other services of the company talk to Palique over gRPC, with a token for one site."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from palique.chat.v1 import chat_pb2, chat_pb2_grpc
from palique.presence.v1 import presence_pb2, presence_pb2_grpc
from palique.tickets.v1 import tickets_pb2, tickets_pb2_grpc

from tests.support.eventually import eventually
from tests.support.people import Agent, Visitor
from tests.support.responses import ok_json
from tests.support.running import Running

DEADLINE_S = 10
SERVICES = ["presence", "chat", "tickets"]


@asynccontextmanager
async def channel(running: Running, service: str) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(running.grpc(service)) as opened:
        yield opened


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


async def test_an_integration_writes_into_a_chat_and_both_sides_see_it(
    running: Running, visitor: Visitor, agent: Agent
) -> None:
    """Whatever author it names, it speaks as itself."""
    conversation = (await visitor.client.send("Where is my parcel?", None))["conversation"]
    await agent.client.hear_type("conversation", conversation=conversation)
    await agent.client.ask("accept", conversation=conversation)
    forged = chat_pb2.Person(kind="agent", id=agent.client.me["id"], name="The boss")
    item = chat_pb2.AppendItem(
        conversation=conversation, author=forged, kind="message", client_id="parcel-1", text="It left at noon."
    )
    async with channel(running, "chat") as opened:
        stub = chat_pb2_grpc.ChatServiceStub(opened)
        metadata = bearer(running.integration_token)
        request = chat_pb2.AppendRequest(site="demo", items=[item])
        answers = [await stub.Append(request, timeout=DEADLINE_S, metadata=metadata) for _ in range(2)]
        assert [(answer.results[0].code, answer.results[0].duplicate) for answer in answers] == [
            ("", False),
            ("", True),
        ]
        listed = await stub.ListConversations(
            chat_pb2.ListConversationsRequest(site="demo", visitor=str(visitor.browser.visitor), limit=10),
            timeout=DEADLINE_S,
            metadata=metadata,
        )
        assert [found.conversation for found in listed.conversations] == [conversation]
    for person in (visitor, agent):
        await person.client.caught_up(conversation, ["Where is my parcel?", "It left at noon."])
        author = person.client.log(conversation).entries[-1]["author"]
        assert author["kind"] == "integration"


async def test_an_integration_starts_and_closes_a_chat(running: Running, visitor: Visitor) -> None:
    who = chat_pb2.Person(kind="visitor", id=str(visitor.browser.visitor), name="Somebody")
    async with channel(running, "chat") as opened:
        stub = chat_pb2_grpc.ChatServiceStub(opened)
        metadata = bearer(running.integration_token)
        start = chat_pb2.StartRequest(site="demo", visitor=who)
        started = await stub.Start(start, timeout=DEADLINE_S, metadata=metadata)
        again = await stub.Start(start, timeout=DEADLINE_S, metadata=metadata)
        conversation = started.conversation.conversation
        assert again.resumed
        assert again.conversation.conversation == conversation
        await visitor.client.hear_type("entry", conversation=conversation, kind="opened")
        close = chat_pb2.CloseRequest(site="demo", conversation=conversation)
        closed = await stub.Close(close, timeout=DEADLINE_S, metadata=metadata)
        assert closed.conversation.status == "closed"
    await visitor.client.hear_type("entry", conversation=conversation, kind="closed")


async def test_visitors_and_tickets_are_read_and_changed(running: Running, visitor: Visitor, agent: Agent) -> None:
    metadata = bearer(running.integration_token)
    await visitor.client.say(type="page", url="https://shop.test/blue", title="Blue", referrer="")
    async with channel(running, "presence") as opened:
        presence = presence_pb2_grpc.PresenceServiceStub(opened)

        async def is_online() -> bool:
            found = await presence.ListOnline(
                presence_pb2.ListOnlineRequest(site="demo"), timeout=DEADLINE_S, metadata=metadata
            )
            return visitor.browser.visitor in [row.visitor for row in found.rows]

        await eventually(is_online)
        one = await presence.GetVisitor(
            presence_pb2.GetVisitorRequest(site="demo", visitor=str(visitor.browser.visitor)),
            timeout=DEADLINE_S,
            metadata=metadata,
        )
        assert one.visitor.online
    async with channel(running, "tickets") as opened:
        tickets = tickets_pb2_grpc.TicketsServiceStub(opened)
        create = tickets_pb2.CreateTicketRequest(
            site="demo", client_id=str(visitor.browser.visitor), subject="Broken", text="In two.", priority="high"
        )
        made = (await tickets.CreateTicket(create, timeout=DEADLINE_S, metadata=metadata)).ticket
        same = (await tickets.CreateTicket(create, timeout=DEADLINE_S, metadata=metadata)).ticket
        assert same.ticket == made.ticket
        change = tickets_pb2.ChangeTicketRequest(site="demo", ticket=made.ticket, version=made.version, status="solved")
        changed = (await tickets.ChangeTicket(change, timeout=DEADLINE_S, metadata=metadata)).ticket
        assert (changed.status, changed.history[-1].by.kind) == ("solved", "integration")
        change.status = "pending"
        with pytest.raises(grpc.aio.AioRpcError) as late:
            await tickets.ChangeTicket(change, timeout=DEADLINE_S, metadata=metadata)
        assert late.value.code() is grpc.StatusCode.ABORTED
    seen = await agent.browser.http.get(f"/api/v1/tickets/{made.ticket}")
    assert ok_json(seen)["status"] == "solved"


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_no_call_without_the_token(running: Running, token: str) -> None:
    async with channel(running, "chat") as opened:
        stub = chat_pb2_grpc.ChatServiceStub(opened)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.ListConversations(
                chat_pb2.ListConversationsRequest(site="demo", limit=1), timeout=DEADLINE_S, metadata=bearer(token)
            )
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_token_is_good_for_its_site_only(running: Running) -> None:
    async with channel(running, "tickets") as opened:
        stub = tickets_pb2_grpc.TicketsServiceStub(opened)
        for site in ("other", "", "*"):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.ListTickets(
                    tickets_pb2.ListTicketsRequest(site=site, limit=1),
                    timeout=DEADLINE_S,
                    metadata=bearer(running.integration_token),
                )
            assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("service", SERVICES)
async def test_health_and_reflection_answer(running: Running, service: str) -> None:
    async with channel(running, service) as opened:
        check = opened.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        health = await check(health_pb2.HealthCheckRequest(), timeout=DEADLINE_S)
        assert health.status == health_pb2.HealthCheckResponse.SERVING
        reflect = opened.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        answers = [answer async for answer in reflect(iter([ask]), timeout=DEADLINE_S)]
        names = [found.name for found in answers[0].list_services_response.service]
        assert any(name.startswith(f"palique.{service}.v1.") for name in names)
