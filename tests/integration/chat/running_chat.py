"""Chat processes for tests: built by `main`, several on one database, called over gRPC."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from palique.chat.v1 import chat_pb2, routing_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.chat.v1.routing_pb2_grpc import RoutingServiceStub
from prometheus_client import CollectorRegistry

from kit.ids import new_id, now_ms
from kit.rpc.client import Pool, RpcClients
from kit.runtime.logs import Log
from services.chat.main import Chat, Tuning
from services.chat.settings import Settings
from tests.support.claimed_ports import claimed_ports
from tests.support.eventually import eventually

if TYPE_CHECKING:  # exists only in the type stubs
    from palique.chat.v1.chat_pb2_grpc import ChatServiceAsyncStub
    from palique.chat.v1.routing_pb2_grpc import RoutingServiceAsyncStub

SITE = "demo"
OTHER_SITE = "other"
OUR_TOKEN = "ours-0123456789"
CRM_TOKEN = "crm-0123456789"
# Longer than a gateway waits: a busy machine is slow, and an unknown outcome would fail tests of known outcomes.
CALL_S = 30.0
SHORT_INTERVALS = Tuning(heartbeat_s=0.1, flush_interval_s=0.1, count_interval_s=0.1, index_interval_s=0.05)


def quiet_log() -> Log:
    logger: Log = structlog.stdlib.get_logger("test")
    return logger


@dataclass
class Running:
    """One chat process with its clients: `pool` and `routing` of the gateway, `crm` with the token of one site."""

    chat: Chat
    settings: Settings
    registry: CollectorRegistry
    pool: "Pool[ChatServiceAsyncStub]"
    crm: "Pool[ChatServiceAsyncStub]"
    routing: "Pool[RoutingServiceAsyncStub]"
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def sample(self, name: str, **labels: str) -> float:
        """Value of a metric."""
        return self.registry.get_sample_value(name, labels) or 0.0

    async def append(
        self, *items: chat_pb2.AppendItem, site: str = SITE, timeout_s: float = CALL_S
    ) -> Sequence[chat_pb2.AppendResult]:
        request = chat_pb2.AppendRequest(site=site, items=items)
        return (await self.pool.call(lambda stub: stub.Append, request, timeout_s=timeout_s)).results

    async def write(
        self,
        author: chat_pb2.Person,
        conversation: str = "",
        text: str = "Hello",
        client_id: str | None = None,
        kind: str = "message",
        timeout_s: float = CALL_S,
    ) -> chat_pb2.AppendResult:
        """Appends one message or note."""
        item = chat_pb2.AppendItem(
            conversation=conversation, author=author, kind=kind, client_id=client_id or new_id(), text=text
        )
        return (await self.append(item, timeout_s=timeout_s))[0]

    async def start(self, visitor: chat_pb2.Person, by: chat_pb2.Person, site: str = SITE) -> chat_pb2.StartResponse:
        request = chat_pb2.StartRequest(site=site, visitor=visitor, by=by, country="ES", region="Spain")
        return await self.pool.call(lambda stub: stub.Start, request, timeout_s=CALL_S)

    async def accept(self, conversation: str, agent: chat_pb2.Person, site: str = SITE) -> chat_pb2.Conversation:
        request = chat_pb2.AcceptRequest(site=site, conversation=conversation, agent=agent)
        return (await self.pool.call(lambda stub: stub.Accept, request, timeout_s=CALL_S)).conversation

    async def close(
        self, conversation: str, by: chat_pb2.Person, *, any_assignee: bool = False, site: str = SITE
    ) -> chat_pb2.Conversation:
        request = chat_pb2.CloseRequest(site=site, conversation=conversation, by=by, any_assignee=any_assignee)
        return (await self.pool.call(lambda stub: stub.Close, request, timeout_s=CALL_S)).conversation

    async def release(
        self, conversation: str, agent: chat_pb2.Person, *, teams: bool = True, site: str = SITE
    ) -> chat_pb2.Conversation:
        request = routing_pb2.ReleaseRequest(site=site, conversation=conversation, agent=agent, teams=teams)
        return (await self.routing.call(lambda stub: stub.Release, request, timeout_s=CALL_S)).conversation

    async def take_over(
        self, conversation: str, agent: chat_pb2.Person, *, any_assignee: bool = True, site: str = SITE
    ) -> chat_pb2.Conversation:
        request = routing_pb2.TakeOverRequest(
            site=site, conversation=conversation, agent=agent, teams=True, any_assignee=any_assignee
        )
        return (await self.routing.call(lambda stub: stub.TakeOver, request, timeout_s=CALL_S)).conversation

    async def requeue(
        self, agents: Sequence[str], *, teams: bool = True, reason: str = "agent_lost", site: str = SITE
    ) -> tuple[int, int]:
        """How many conversations went back to the queue, and how many did not."""
        request = routing_pb2.RequeueOfAgentsRequest(site=site, agents=agents, reason=reason, teams=teams)
        answer = await self.routing.call(lambda stub: stub.RequeueOfAgents, request, timeout_s=CALL_S)
        return answer.returned, answer.left

    async def fetch(
        self, conversation: str, reader: chat_pb2.Person, after: int = 0, limit: int = 1000, site: str = SITE
    ) -> chat_pb2.FetchResponse:
        request = chat_pb2.FetchRequest(site=site, conversation=conversation, reader=reader, after=after, limit=limit)
        return await self.pool.call(lambda stub: stub.Fetch, request, timeout_s=CALL_S)

    async def log(self, conversation: str, reader: chat_pb2.Person) -> list[chat_pb2.Entry]:
        """The whole log, page by page."""
        entries: list[chat_pb2.Entry] = []
        while True:
            page = await self.fetch(conversation, reader, after=entries[-1].seq if entries else 0)
            entries += page.entries
            if not page.more:
                return entries

    async def get(self, conversation: str, reader: chat_pb2.Person, site: str = SITE) -> chat_pb2.Conversation:
        request = chat_pb2.GetConversationRequest(site=site, conversation=conversation, reader=reader)
        return (await self.pool.call(lambda stub: stub.GetConversation, request, timeout_s=CALL_S)).conversation

    async def sync(self, **fields: Any) -> chat_pb2.SyncResponse:
        request = chat_pb2.SyncRequest(**{"site": SITE, **fields})
        return await self.pool.call(lambda stub: stub.Sync, request, timeout_s=CALL_S)

    async def list_conversations(self, **fields: Any) -> chat_pb2.ListConversationsResponse:
        request = chat_pb2.ListConversationsRequest(**{"site": SITE, "limit": 100, **fields})
        return await self.pool.call(lambda stub: stub.ListConversations, request, timeout_s=CALL_S)

    async def mark(self, conversation: str, reader: chat_pb2.Person, seq: int) -> None:
        item = chat_pb2.MarkReadItem(conversation=conversation, reader=reader, seq=seq)
        await self.pool.call(
            lambda stub: stub.MarkRead, chat_pb2.MarkReadRequest(site=SITE, items=[item]), timeout_s=CALL_S
        )


def visitor() -> chat_pb2.Person:
    return chat_pb2.Person(kind="visitor", id=new_id(), name="Vera")


def agent(name: str = "Ana") -> chat_pb2.Person:
    return chat_pb2.Person(kind="agent", id=new_id(), name=name)


@asynccontextmanager
async def running_chat(
    mongodb_url: str,
    amqp_url: str,
    prefix: str,
    folder: Path,
    tuning: Tuning = SHORT_INTERVALS,
    *,
    visitor_chats: int = 10_000,
    now: Callable[[], int] = now_ms,
) -> AsyncIterator[Running]:
    """A chat process in this loop, with short intervals, stopped in order at the end."""
    ports = claimed_ports(folder / f"ports-{new_id()}.json")
    settings = Settings(
        mongodb_url=mongodb_url,
        amqp_url=amqp_url,
        ops_address=f"127.0.0.1:{ports.port('ops')}",
        grpc_address=f"127.0.0.1:{ports.port('grpc')}",
        rpc_tokens=(f"gateway:*:{OUR_TOKEN}", f"crm:{SITE}:{CRM_TOKEN}"),
        mongodb_prefix=prefix,
        visitor_chats=visitor_chats,
    )
    registry = CollectorRegistry()
    chat = Chat(settings, log=quiet_log(), registry=registry, tuning=tuning, now=now)
    running = Running(
        chat,
        settings,
        registry,
        Pool([settings.grpc_address], ChatServiceStub, RpcClients(OUR_TOKEN, CollectorRegistry())),
        Pool([settings.grpc_address], ChatServiceStub, RpcClients(CRM_TOKEN, CollectorRegistry())),
        Pool([settings.grpc_address], RoutingServiceStub, RpcClients(OUR_TOKEN, CollectorRegistry())),
    )
    process = asyncio.create_task(chat.run(running.stopping))
    try:
        await eventually(running.pool.ready)
        yield running
    finally:
        await running.pool.close()
        await running.crm.close()
        await running.routing.close()
        running.stopping.set()
        await process
