"""Another system of the same site that sends many messages over gRPC."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import grpc
from palique.chat.v1 import chat_pb2, chat_pb2_grpc

from tests.support.running import Running

SITE = "demo"
DEADLINE_S = 10
# The limit of items in one call of chat.
ITEMS = 100
ITSELF = chat_pb2.Person(kind="integration", id="integration", name="")


class OtherSystem(NamedTuple):
    """A gRPC client. AssertionError or grpc.RpcError when a call is refused."""

    chat: "chat_pb2_grpc.ChatServiceAsyncStub"
    metadata: tuple[tuple[str, str], ...]

    async def start(self) -> str:
        """Opens a conversation with a new visitor."""
        visitor = chat_pb2.Person(kind="visitor", id=uuid.uuid4().hex, name="Somebody")
        request = chat_pb2.StartRequest(site=SITE, visitor=visitor)
        answer = await self.chat.Start(request, timeout=DEADLINE_S, metadata=self.metadata)
        return answer.conversation.conversation

    async def close(self, conversation: str) -> None:
        request = chat_pb2.CloseRequest(site=SITE, conversation=conversation)
        await self.chat.Close(request, timeout=DEADLINE_S, metadata=self.metadata)

    async def say(self, text: str, conversations: Sequence[str]) -> None:
        """Sends it once to each listed conversation; repeated ids get it repeatedly."""
        for first in range(0, len(conversations), ITEMS):
            items = [_message(text, conversation) for conversation in conversations[first : first + ITEMS]]
            request = chat_pb2.AppendRequest(site=SITE, items=items)
            answer = await self.chat.Append(request, timeout=DEADLINE_S, metadata=self.metadata)
            assert {result.code for result in answer.results} == {""}, answer.results[0]


@asynccontextmanager
async def other_system(running: Running) -> AsyncIterator[OtherSystem]:
    """A connected client while the block runs."""
    async with grpc.aio.insecure_channel(running.grpc("chat")) as channel:
        authorization = ("authorization", f"Bearer {running.integration_token}")
        yield OtherSystem(chat_pb2_grpc.ChatServiceStub(channel), (authorization,))


def _message(text: str, conversation: str) -> chat_pb2.AppendItem:
    return chat_pb2.AppendItem(
        conversation=conversation, author=ITSELF, kind="message", client_id=uuid.uuid4().hex, text=text
    )
