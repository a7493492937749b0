"""gRPC clients of chat and presence: reads a conversation, its messages and its visitor."""

from typing import TYPE_CHECKING

from palique.chat.v1 import chat_pb2
from palique.presence.v1 import presence_pb2

from kit.codes import Code, Refused
from kit.rpc.client import Pool
from services.tickets.domain.person import Person
from services.tickets.domain.transcript import Line
from services.tickets.ports import ConversationState, VisitorDetails

if TYPE_CHECKING:  # the generated stubs exist for type checkers only
    from palique.chat.v1.chat_pb2_grpc import ChatServiceAsyncStub
    from palique.presence.v1.presence_pb2_grpc import PresenceServiceAsyncStub

# 256 messages of 4,000 characters at four bytes are half of the limit for a gRPC message.
FETCH_BATCH = 256
_READER = chat_pb2.Person(kind="integration", id="tickets")


class GrpcClients:
    """Implements `ServiceClients`. Pools choose a replica and retry."""

    def __init__(self, chat: "Pool[ChatServiceAsyncStub]", presence: "Pool[PresenceServiceAsyncStub]") -> None:
        self._chat = chat
        self._presence = presence

    async def conversation(self, site: str, conversation_id: str) -> ConversationState:
        request = chat_pb2.GetConversationRequest(site=site, conversation=conversation_id, reader=_READER)
        response = await self._chat.call(lambda stub: stub.GetConversation, request, key=conversation_id)
        state = response.conversation
        return ConversationState(visitor=_person(state.visitor), head=state.head, closed=state.status == "closed")

    async def messages(self, site: str, conversation_id: str, after: int) -> tuple[list[Line], int]:
        lines: list[Line] = []
        more = True
        while more:
            request = chat_pb2.FetchRequest(
                site=site, conversation=conversation_id, reader=_READER, after=after, limit=FETCH_BATCH
            )
            page = await self._chat.call(lambda stub: stub.Fetch, request, key=conversation_id)
            # Requirement I-20: notes are for agents only, and a transcript may be sent to the visitor.
            lines += [_line(entry) for entry in page.entries if entry.kind == "message"]
            after = max([after, *(entry.seq for entry in page.entries)])
            more = page.more and bool(page.entries)
        return lines, after

    async def visitor(self, site: str, visitor_id: str) -> VisitorDetails | None:
        request = presence_pb2.GetVisitorRequest(site=site, visitor=visitor_id)
        try:
            response = await self._presence.call(lambda stub: stub.GetVisitor, request, key=site)
        except Refused as refused:
            if refused.code in (Code.NOT_FOUND, Code.INVALID):
                return None  # another system started the conversation for a visitor that never opened the site
            raise
        found = response.visitor
        return VisitorDetails(name=found.name, placeholder=found.placeholder, email=found.email)


def _person(person: chat_pb2.Person) -> Person:
    return Person(kind=person.kind, id=person.id, name=person.name)


def _line(entry: chat_pb2.Entry) -> Line:
    return Line(seq=entry.seq, author=_person(entry.author), text=entry.text, at_ms=entry.at_ms)
