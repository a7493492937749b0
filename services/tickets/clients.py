"""What chat and presence know of a conversation, asked over gRPC."""

from typing import TYPE_CHECKING

from palique.chat.v1 import chat_pb2
from palique.presence.v1 import presence_pb2

from kit.codes import Code, Refused
from kit.rpc.client import Pool
from services.tickets.domain.ticket import Line, Person
from services.tickets.ports import Conversation, Visitor

if TYPE_CHECKING:  # the generated code has these for checkers only
    from palique.chat.v1.chat_pb2_grpc import ChatServiceAsyncStub
    from palique.presence.v1.presence_pb2_grpc import PresenceServiceAsyncStub

# 256 messages of 4,000 characters at four bytes are half of what a gRPC message may have.
PAGE = 256
_READER = chat_pb2.Person(kind="integration", id="tickets")


class GrpcSources:
    """The sources of `app.py`."""

    def __init__(self, chat: "Pool[ChatServiceAsyncStub]", presence: "Pool[PresenceServiceAsyncStub]") -> None:
        self._chat = chat
        self._presence = presence

    async def conversation(self, site: str, conversation: str) -> Conversation:
        request = chat_pb2.GetConversationRequest(site=site, conversation=conversation, reader=_READER)
        response = await self._chat.call(lambda stub: stub.GetConversation, request, key=conversation)
        state = response.conversation
        return Conversation(visitor=_person(state.visitor), head=state.head, closed=state.status == "closed")

    async def messages(self, site: str, conversation: str, after: int) -> tuple[list[Line], int]:
        lines: list[Line] = []
        more = True
        while more:
            request = chat_pb2.FetchRequest(
                site=site, conversation=conversation, reader=_READER, after=after, limit=PAGE
            )
            page = await self._chat.call(lambda stub: stub.Fetch, request, key=conversation)
            # Notes are for agents and stay where they are (I-20).
            lines += [_line(entry) for entry in page.entries if entry.kind == "message"]
            after = max([after, *(entry.seq for entry in page.entries)])
            more = page.more and bool(page.entries)
        return lines, after

    async def visitor(self, site: str, visitor: str) -> Visitor | None:
        request = presence_pb2.GetVisitorRequest(site=site, visitor=visitor)
        try:
            response = await self._presence.call(lambda stub: stub.GetVisitor, request, key=site)
        except Refused as refused:
            if refused.code in (Code.NOT_FOUND, Code.INVALID):
                return None  # started by somebody else's system, for a visitor who never came to the site
            raise
        found = response.visitor
        return Visitor(name=found.name, placeholder=found.placeholder, email=found.email)


def _person(person: chat_pb2.Person) -> Person:
    return Person(kind=person.kind, id=person.id, name=person.name)


def _line(entry: chat_pb2.Entry) -> Line:
    return Line(seq=entry.seq, author=_person(entry.author), text=entry.text, at_ms=entry.at_ms)
