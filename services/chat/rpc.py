"""The gRPC face: requests checked strictly and put into the words of the use cases, answers into those of the contract.

A caller with a token of one site speaks for itself only: whoever it names as author, agent or reader becomes the caller.
"""

from functools import partial
from typing import Any

import grpc
from palique.chat.v1 import chat_pb2, chat_pb2_grpc

from kit.codes import Code, Refused
from kit.entry_json import HIDDEN_FROM_VISITORS
from kit.failpoints import Failpoints
from kit.rpc.server import Caller, current_caller
from kit.runtime.logs import Log
from services.chat import validation
from services.chat.app.append_call import AppendCall
from services.chat.app.commands import ConversationCommands
from services.chat.app.open_conversation import GeoPlace
from services.chat.app.queries import ConversationQueries
from services.chat.app.read_marks import ReadMarks
from services.chat.domain.log import Entry, Person
from services.chat.ports import Filters, Mark
from services.chat.proto_mapping import entry_pb, hidden_pb, record_pb, state_pb

Context = grpc.aio.ServicerContext[Any, Any]

ITEMS_LIMIT = 256
# A gateway asks for all its sockets at once.
CURSORS_LIMIT = 20_000
PEOPLE_LIMIT = 20_000
FETCH_LIMIT = 1000
LIST_LIMIT = 100


class ChatServicer(chat_pb2_grpc.ChatServiceServicer):
    """One method a use case; Refused leaves as a status by the gate around it."""

    def __init__(
        self,
        commanding: ConversationCommands,
        reading: ConversationQueries,
        marking: ReadMarks,
        *,
        log: Log,
        failpoints: Failpoints,
    ) -> None:
        self._commanding = commanding
        self._reading = reading
        self._marking = marking
        self._log = log
        self._failpoints = failpoints

    async def Append(self, request: chat_pb2.AppendRequest, context: Context) -> chat_pb2.AppendResponse:
        site = validation.site(request.site)
        validation.between("items", len(request.items), 0, ITEMS_LIMIT)
        # The caller is known here and now only, not where items are settled.
        speaker = partial(_speaker_of, current_caller())
        call = AppendCall(site, request.items, self._commanding, speaker, log=self._log)
        results = self._failpoints.around(call.results, after="append.before_answer")
        return chat_pb2.AppendResponse(results=await results())

    async def Start(self, request: chat_pb2.StartRequest, context: Context) -> chat_pb2.StartResponse:
        site = validation.site(request.site)
        visitor = validation.person("visitor", request.visitor)
        if visitor.kind != "visitor":
            raise Refused(Code.INVALID, "visitor.kind: visitor.")
        place = GeoPlace(validation.country(request.country), validation.region(request.region))
        state, resumed = await self._commanding.start(site, visitor, _speaker("by", request.by), place)
        return chat_pb2.StartResponse(conversation=state_pb(state), resumed=resumed)

    async def Accept(self, request: chat_pb2.AcceptRequest, context: Context) -> chat_pb2.AcceptResponse:
        site, conversation = validation.site(request.site), validation.conversation(request.conversation)
        state = await self._commanding.accept(site, conversation, _speaker("agent", request.agent))
        return chat_pb2.AcceptResponse(conversation=state_pb(state))

    async def Close(self, request: chat_pb2.CloseRequest, context: Context) -> chat_pb2.CloseResponse:
        site, conversation = validation.site(request.site), validation.conversation(request.conversation)
        by = _speaker("by", request.by)
        state = await self._commanding.close(site, conversation, by, any_assignee=request.any_assignee)
        return chat_pb2.CloseResponse(conversation=state_pb(state))

    async def Fetch(self, request: chat_pb2.FetchRequest, context: Context) -> chat_pb2.FetchResponse:
        site, conversation = validation.site(request.site), validation.conversation(request.conversation)
        reader = _speaker("reader", request.reader)
        after = validation.seq("after", request.after)
        limit = validation.between("limit", request.limit, 1, FETCH_LIMIT)
        page = await self._reading.fetch(site, conversation, reader, after, limit)
        entries = [_as_seen_by(reader, entry, page.epoch) for entry in page.entries]
        return chat_pb2.FetchResponse(epoch=page.epoch, head=page.head, more=page.more, entries=entries)

    async def Sync(self, request: chat_pb2.SyncRequest, context: Context) -> chat_pb2.SyncResponse:
        site = validation.site(request.site)
        validation.between("cursors", len(request.cursors), 0, CURSORS_LIMIT)
        validation.between("visitors and agents", len(request.visitors) + len(request.agents), 0, PEOPLE_LIMIT)
        missed = await self._reading.missed(
            site,
            validation.cursors((cursor.conversation, cursor.seq) for cursor in request.cursors),
            [validation.person_id("visitors", visitor) for visitor in request.visitors],
            [validation.person_id("agents", agent) for agent in request.agents],
            waiting=request.waiting,
        )
        heads = [chat_pb2.Head(conversation=key, epoch=at.epoch, head=at.head) for key, at in missed.heads.items()]
        return chat_pb2.SyncResponse(
            heads=heads,
            conversations=[record_pb(record) for record in missed.conversations],
            waiting=[record_pb(record) for record in missed.waiting],
        )

    async def GetConversation(
        self, request: chat_pb2.GetConversationRequest, context: Context
    ) -> chat_pb2.GetConversationResponse:
        site, conversation = validation.site(request.site), validation.conversation(request.conversation)
        record = await self._reading.conversation(site, conversation, _speaker("reader", request.reader))
        return chat_pb2.GetConversationResponse(conversation=record_pb(record))

    async def ListConversations(
        self, request: chat_pb2.ListConversationsRequest, context: Context
    ) -> chat_pb2.ListConversationsResponse:
        filters = Filters(
            site=validation.site(request.site),
            visitor=validation.person_id("visitor", request.visitor) if request.visitor else "",
            agent=validation.person_id("agent", request.agent) if request.agent else "",
            status=validation.status(request.status),
            from_ms=request.from_ms,
            to_ms=request.to_ms,
            only_flagged=request.only_flagged,
            visitors=validation.visitors(request.visitors),
            country=validation.country(request.country),
            words=validation.words(request.text),
        )
        limit = validation.between("limit", request.limit, 1, LIST_LIMIT)
        listed = await self._reading.matching(filters, validation.position(request.cursor), limit)
        return chat_pb2.ListConversationsResponse(
            conversations=[record_pb(record) for record in listed.records],
            next=validation.cursor_of(listed.next),
            capped=listed.capped,
        )

    async def MarkRead(self, request: chat_pb2.MarkReadRequest, context: Context) -> chat_pb2.MarkReadResponse:
        site = validation.site(request.site)
        validation.between("items", len(request.items), 0, ITEMS_LIMIT)
        marks = [
            Mark(
                validation.conversation(item.conversation),
                _speaker("reader", item.reader),
                validation.seq("seq", item.seq),
            )
            for item in request.items
        ]
        await self._marking.raise_marks(site, marks)
        return chat_pb2.MarkReadResponse()

    async def SetFlagged(self, request: chat_pb2.SetFlaggedRequest, context: Context) -> chat_pb2.SetFlaggedResponse:
        site, conversation = validation.site(request.site), validation.conversation(request.conversation)
        record = await self._commanding.set_flagged(site, conversation, request.flagged)
        return chat_pb2.SetFlaggedResponse(conversation=record_pb(record))


def _speaker(field: str, named: chat_pb2.Person) -> Person:
    return _speaker_of(current_caller(), field, named)


def _speaker_of(caller: Caller, field: str, named: chat_pb2.Person) -> Person:
    return validation.person(field, caller.acts_as(lambda: named, _person_pb))


def _person_pb(kind: str, id_: str, name: str) -> chat_pb2.Person:
    return chat_pb2.Person(kind=kind, id=id_, name=name)


def _as_seen_by(reader: Person, entry: Entry, epoch: int) -> chat_pb2.Entry:
    if reader.kind == "visitor" and entry.kind in HIDDEN_FROM_VISITORS:
        return hidden_pb(entry, epoch)
    return entry_pb(entry, epoch)
