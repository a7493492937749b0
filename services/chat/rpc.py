"""gRPC servicer: validates requests, calls the use cases, and maps results to responses.

A caller with a token of one site speaks only for itself: any author, agent or reader that it names is replaced by the caller.
"""

from collections.abc import Sequence

from palique.chat.v1 import (
    chat_pb2,
    chat_pb2_grpc,
    feed_pb2,
    feed_pb2_grpc,
    live_pb2,
    routing_pb2,
    routing_pb2_grpc,
)

from kit.codes import Code, Refused
from kit.failpoints import Failpoints
from kit.rpc.auth import Caller, Context, current_caller
from kit.runtime.logs import Log
from services.chat import validation
from services.chat.app.append import RETRY_MS, Outcome
from services.chat.app.commands import ConversationCommands, TextItem
from services.chat.app.feed import Feed
from services.chat.app.open_conversation import GeoPlace
from services.chat.app.queries import ConversationQueries
from services.chat.app.read_marks import ReadMarks
from services.chat.app.requeue import AgentRequeue
from services.chat.domain.commands import Write
from services.chat.domain.log import ACTIVE, WAITING, Person
from services.chat.ports import ListFilters, ReadMark
from services.chat.proto_mapping import entry_pb_for, hit_pb, record_pb, state_pb

MAX_ITEMS = 256
# A gateway asks for all its sockets at once.
MAX_CURSORS = 20_000
MAX_PEOPLE = 20_000
MAX_FETCH = 1000
MAX_LIST = 100
MAX_FACTS = 500
MAX_AGENTS = 1000
# The largest number of fifteen digits, as the feed stores it.
MAX_CURSOR = 10**15 - 1
# Below the half minute after which proxies drop an idle call.
MAX_WAIT_MS = 25_000
# Author of the entries that no person asked for.
PALIQUE = chat_pb2.Person(kind="system", id="palique")


class ChatServicer(chat_pb2_grpc.ChatServiceServicer):
    """One method for each use case; the interceptor turns Refused into a gRPC status."""

    def __init__(
        self,
        commands: ConversationCommands,
        queries: ConversationQueries,
        read_marks: ReadMarks,
        *,
        log: Log,
        failpoints: Failpoints,
    ) -> None:
        self._commands = commands
        self._queries = queries
        self._read_marks = read_marks
        self._log = log
        self._append_all = failpoints.around(commands.append_all, after="append.before_answer")

    async def Append(self, request: chat_pb2.AppendRequest, context: Context) -> chat_pb2.AppendResponse:
        site = validation.site(request.site)
        validation.between("items", len(request.items), 0, MAX_ITEMS)
        caller = current_caller()
        items = [_text_item(site, caller, item) for item in request.items]
        valid = [item for item in items if isinstance(item, TextItem)]
        outcomes = iter(await self._append_all(valid))
        results = [self._append_result(next(outcomes) if isinstance(item, TextItem) else item) for item in items]
        return chat_pb2.AppendResponse(results=results)

    def _append_result(self, outcome: Outcome) -> chat_pb2.AppendResult:
        if isinstance(outcome, Refused):
            return chat_pb2.AppendResult(
                code=str(outcome.code), message=outcome.message, retry_ms=outcome.retry_ms or 0
            )
        if isinstance(outcome, BaseException) or outcome.entry is None:
            self._log.error("append failed", exc_info=outcome)
            return chat_pb2.AppendResult(code=str(Code.RETRY), message="The outcome is unknown.", retry_ms=RETRY_MS)
        return chat_pb2.AppendResult(
            conversation=outcome.entry.conversation_id,
            epoch=outcome.state.epoch,
            seq=outcome.entry.seq,
            at_ms=outcome.entry.at_ms,
            duplicate=outcome.duplicate,
        )

    async def Start(self, request: chat_pb2.StartRequest, context: Context) -> chat_pb2.StartResponse:
        site = validation.site(request.site)
        visitor = validation.person("visitor", request.visitor)
        if visitor.kind != "visitor":
            raise Refused(Code.INVALID, "visitor.kind: visitor.")
        place = GeoPlace(validation.country(request.country), validation.region(request.region))
        state, resumed = await self._commands.start(site, visitor, _speaker("by", request.by), place)
        return chat_pb2.StartResponse(conversation=state_pb(state), resumed=resumed)

    async def Accept(self, request: chat_pb2.AcceptRequest, context: Context) -> chat_pb2.AcceptResponse:
        site, conversation_id = validation.site(request.site), validation.conversation_id(request.conversation)
        state = await self._commands.accept(site, conversation_id, _speaker("agent", request.agent))
        return chat_pb2.AcceptResponse(conversation=state_pb(state))

    async def Close(self, request: chat_pb2.CloseRequest, context: Context) -> chat_pb2.CloseResponse:
        site, conversation_id = validation.site(request.site), validation.conversation_id(request.conversation)
        by = _speaker("by", request.by)
        state = await self._commands.close(site, conversation_id, by, any_assignee=request.any_assignee)
        return chat_pb2.CloseResponse(conversation=state_pb(state))

    async def Fetch(self, request: chat_pb2.FetchRequest, context: Context) -> chat_pb2.FetchResponse:
        site, conversation_id = validation.site(request.site), validation.conversation_id(request.conversation)
        reader = _speaker("reader", request.reader)
        after = validation.seq("after", request.after)
        limit = validation.between("limit", request.limit, 1, MAX_FETCH)
        page = await self._queries.fetch(site, conversation_id, reader, after, limit)
        entries = [entry_pb_for(reader, entry, page.epoch) for entry in page.entries]
        return chat_pb2.FetchResponse(epoch=page.epoch, head=page.head, more=page.more, entries=entries)

    async def Sync(self, request: chat_pb2.SyncRequest, context: Context) -> chat_pb2.SyncResponse:
        site = validation.site(request.site)
        validation.between("cursors", len(request.cursors), 0, MAX_CURSORS)
        validation.between("visitors and agents", len(request.visitors) + len(request.agents), 0, MAX_PEOPLE)
        found = await self._queries.sync(
            site,
            validation.cursors((cursor.conversation, cursor.seq) for cursor in request.cursors),
            _person_ids("visitors", request.visitors),
            _person_ids("agents", request.agents),
            waiting=request.waiting,
        )
        heads = [chat_pb2.Head(conversation=key, epoch=log.epoch, head=log.head) for key, log in found.heads.items()]
        return chat_pb2.SyncResponse(
            heads=heads,
            conversations=map(record_pb, found.conversations),
            waiting=map(record_pb, found.waiting),
        )

    async def GetConversation(
        self, request: chat_pb2.GetConversationRequest, context: Context
    ) -> chat_pb2.GetConversationResponse:
        site, conversation_id = validation.site(request.site), validation.conversation_id(request.conversation)
        record = await self._queries.conversation(site, conversation_id, _speaker("reader", request.reader))
        return chat_pb2.GetConversationResponse(conversation=record_pb(record))

    async def CountOpen(self, request: chat_pb2.CountOpenRequest, context: Context) -> chat_pb2.CountOpenResponse:
        counts = await self._queries.open_by_status(validation.site(request.site))
        return chat_pb2.CountOpenResponse(waiting=counts.get(WAITING, 0), active=counts.get(ACTIVE, 0))

    async def ListConversations(
        self, request: chat_pb2.ListConversationsRequest, context: Context
    ) -> chat_pb2.ListConversationsResponse:
        filters = ListFilters(
            site=validation.site(request.site),
            visitor_id=validation.person_id("visitor", request.visitor) if request.visitor else "",
            agent_id=validation.person_id("agent", request.agent) if request.agent else "",
            status=validation.status(request.status),
            from_ms=request.from_ms,
            to_ms=request.to_ms,
            only_flagged=request.only_flagged,
            visitor_ids=validation.visitor_ids(request.visitors),
            country=validation.country(request.country),
            search_terms=validation.search_terms(request.text),
        )
        limit = validation.between("limit", request.limit, 1, MAX_LIST)
        reader = _speaker("reader", request.reader) if request.HasField("reader") else None
        page = await self._queries.list_page(filters, validation.position(request.cursor), limit, reader)
        return chat_pb2.ListConversationsResponse(
            conversations=map(record_pb, page.records),
            next=validation.cursor_of(page.next),
            capped=page.capped,
            hits=map(hit_pb, page.hits),
        )

    async def MarkRead(self, request: chat_pb2.MarkReadRequest, context: Context) -> chat_pb2.MarkReadResponse:
        site = validation.site(request.site)
        validation.between("items", len(request.items), 0, MAX_ITEMS)
        marks = [
            ReadMark(
                validation.conversation_id(item.conversation),
                _speaker("reader", item.reader),
                validation.seq("seq", item.seq),
            )
            for item in request.items
        ]
        await self._read_marks.raise_marks(site, marks)
        return chat_pb2.MarkReadResponse()

    async def SetFlagged(self, request: chat_pb2.SetFlaggedRequest, context: Context) -> chat_pb2.SetFlaggedResponse:
        site, conversation_id = validation.site(request.site), validation.conversation_id(request.conversation)
        record = await self._commands.set_flagged(site, conversation_id, request.flagged)
        return chat_pb2.SetFlaggedResponse(conversation=record_pb(record))


class RoutingServicer(routing_pb2_grpc.RoutingServiceServicer):
    """One method for each use case; the interceptor turns Refused into a gRPC status."""

    def __init__(self, commands: ConversationCommands, agent_requeue: AgentRequeue) -> None:
        self._commands = commands
        self._agent_requeue = agent_requeue

    async def Release(self, request: routing_pb2.ReleaseRequest, context: Context) -> routing_pb2.ReleaseResponse:
        site, conversation_id = validation.site(request.site), validation.conversation_id(request.conversation)
        agent = _speaker("agent", request.agent)
        _check_teams(request.teams)
        state = await self._commands.release(site, conversation_id, agent)
        return routing_pb2.ReleaseResponse(conversation=state_pb(state))

    async def TakeOver(self, request: routing_pb2.TakeOverRequest, context: Context) -> routing_pb2.TakeOverResponse:
        site, conversation_id = validation.site(request.site), validation.conversation_id(request.conversation)
        agent = _speaker("agent", request.agent)
        _check_teams(request.teams)
        state = await self._commands.take_over(site, conversation_id, agent, any_assignee=request.any_assignee)
        return routing_pb2.TakeOverResponse(conversation=state_pb(state))

    async def RequeueOfAgents(
        self, request: routing_pb2.RequeueOfAgentsRequest, context: Context
    ) -> routing_pb2.RequeueOfAgentsResponse:
        site, reason = validation.site(request.site), validation.requeue_reason(request.reason)
        validation.between("agents", len(request.agents), 0, MAX_AGENTS)
        agents = [validation.person_id("agents", agent) for agent in request.agents]
        _check_teams(request.teams)
        returned, left = await self._agent_requeue.requeue(site, agents, _speaker("by", PALIQUE), reason)
        return routing_pb2.RequeueOfAgentsResponse(returned=returned, left=left)


class FeedServicer(feed_pb2_grpc.FeedServiceServicer):
    """Facts for consumers without the broker."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def Poll(self, request: feed_pb2.PollRequest, context: Context) -> feed_pb2.PollResponse:
        site = validation.site(request.site)
        cursor = validation.between("cursor", request.cursor, 0, MAX_CURSOR)
        limit = validation.between("limit", request.limit, 1, MAX_FACTS)
        wait_ms = validation.between("wait_ms", request.wait_ms, 0, MAX_WAIT_MS)
        found = await self._feed.poll(site, cursor, limit, wait_ms / 1000)
        facts = [live_pb2.Fact.FromString(fact) for fact in found.facts]
        return feed_pb2.PollResponse(facts=facts, cursor=found.cursor, missed=found.missed)


def _text_item(site: str, caller: Caller, item: chat_pb2.AppendItem) -> TextItem | Refused:
    try:
        command = Write(
            site=site,
            by=speaker_of(caller, "author", item.author),
            kind=validation.text_kind(item.kind),
            client_id=validation.client_id(item.client_id),
            text=validation.text(item.text),
        )
        return TextItem(
            validation.conversation_id(item.conversation) if item.conversation else "",
            command,
            GeoPlace(validation.country(item.country), validation.region(item.region)),
            validation.origin(item.origin),
        )
    except Refused as refused:
        return refused


def _person_ids(field: str, values: Sequence[str]) -> list[str]:
    return [validation.person_id(field, value) for value in values]


def _speaker(field: str, named: chat_pb2.Person) -> Person:
    return speaker_of(current_caller(), field, named)


def speaker_of(caller: Caller, field: str, named: chat_pb2.Person) -> Person:
    """The person that the caller acts as: the named one for Palique's own services, else the caller itself."""
    return validation.person(field, caller.acts_as(lambda: named, _person_pb))


def _person_pb(kind: str, id_: str, name: str) -> chat_pb2.Person:
    return chat_pb2.Person(kind=kind, id=id_, name=name)


def _check_teams(is_on: bool) -> None:
    """Processes of earlier versions skip the entries that these methods write."""
    if not is_on:
        raise Refused(Code.SWITCHED_OFF, "The site's setting teams is off.")
