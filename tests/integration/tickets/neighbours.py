"""Chat and presence beside tickets: in the test's event loop, built as their processes build them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import structlog
from palique.chat.v1 import chat_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.presence.v1 import presence_pb2
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from prometheus_client import CollectorRegistry

from kit.ids import new_id, now_ms
from kit.rpc.client import Pool, RpcClients
from services.chat.main import Chat
from services.chat.settings import Settings as ChatSettings
from services.presence.main import run as run_presence
from services.presence.settings import Settings as PresenceSettings
from tests.support.claimed_ports import claimed_ports
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

if TYPE_CHECKING:  # the generated stubs exist for type checkers only
    from palique.chat.v1.chat_pb2_grpc import ChatServiceAsyncStub
    from palique.presence.v1.presence_pb2_grpc import PresenceServiceAsyncStub

TOKEN = "ours"
TOKENS = (f"gateway:*:{TOKEN}",)
AGENT = chat_pb2.Person(kind="agent", id="ana", name="Ana")


class Neighbours(NamedTuple):
    chat: "Pool[ChatServiceAsyncStub]"
    presence: "Pool[PresenceServiceAsyncStub]"

    async def add_visitor(self, name: str = "", email: str = "") -> chat_pb2.Person:
        """A visitor that is online, with the name and address that an agent entered."""
        visitor = new_id()
        page = presence_pb2.Page(url="https://shop.example/", title="Shop")
        event = presence_pb2.SocketEvent(
            person=visitor,
            connection=new_id(),
            at_ms=now_ms(),
            visitor_connected=presence_pb2.VisitorConnected(page=page),
        )
        report = presence_pb2.ReportRequest(site="acme", gateway="g1", events=[event])
        await self.presence.call(lambda stub: stub.Report, report)
        if name or email:
            edit = presence_pb2.EditVisitorRequest(site="acme", visitor=visitor, name=name, email=email)
            known = presence_pb2.GetVisitorRequest(site="acme", visitor=visitor)
            edit.version = (await self.presence.call(lambda stub: stub.GetVisitor, known)).visitor.version
            await self.presence.call(lambda stub: stub.EditVisitor, edit)
        return chat_pb2.Person(kind="visitor", id=visitor, name="Visitor")

    async def append(self, author: chat_pb2.Person, text: str, conversation: str = "", kind: str = "message") -> str:
        """Appends an entry; returns the conversation's id."""
        item = chat_pb2.AppendItem(conversation=conversation, author=author, kind=kind, client_id=new_id(), text=text)
        request = chat_pb2.AppendRequest(site="acme", items=[item])
        result = (await self.chat.call(lambda stub: stub.Append, request)).results[0]
        assert not result.code, result
        return result.conversation

    async def accept(self, conversation: str) -> None:
        request = chat_pb2.AcceptRequest(site="acme", conversation=conversation, agent=AGENT)
        await self.chat.call(lambda stub: stub.Accept, request)

    async def close(self, conversation: str) -> None:
        request = chat_pb2.CloseRequest(site="acme", conversation=conversation, by=AGENT, any_assignee=True)
        await self.chat.call(lambda stub: stub.Close, request)


@asynccontextmanager
async def running_neighbours(
    folder: Path, mongodb_url: str, amqp_url: str, mongodb_prefix: str
) -> AsyncIterator[Neighbours]:
    """Runs both until the block ends."""
    ports = claimed_ports(folder / f"{new_id()}.json")
    log = structlog.stdlib.get_logger("test")
    stopping = asyncio.Event()
    common: JsonObject = {"mongodb_url": mongodb_url, "amqp_url": amqp_url, "mongodb_prefix": mongodb_prefix}
    chat_settings = ChatSettings(
        grpc_address=f"127.0.0.1:{ports.port('chat')}",
        ops_address=f"127.0.0.1:{ports.port('chat ops')}",
        rpc_tokens=TOKENS,
        **common,
    )
    presence_settings = PresenceSettings(
        grpc_address=f"127.0.0.1:{ports.port('presence')}",
        ops_address=f"127.0.0.1:{ports.port('presence ops')}",
        rpc_tokens=TOKENS,
        **common,
    )
    clients = RpcClients(TOKEN, CollectorRegistry())
    chat = Pool([chat_settings.grpc_address], ChatServiceStub, clients)
    presence = Pool([presence_settings.grpc_address], PresenceServiceStub, clients)
    async with asyncio.TaskGroup() as group:
        group.create_task(Chat(chat_settings, log=log, registry=CollectorRegistry()).run(stopping))
        group.create_task(run_presence(presence_settings, stopping, log=log, registry=CollectorRegistry()))
        try:
            await eventually(chat.ready)
            await eventually(presence.ready)
            yield Neighbours(chat, presence)
        finally:
            await chat.close()
            await presence.close()
            stopping.set()
