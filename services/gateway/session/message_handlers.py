"""Handlers of frames about messages: send, note, fetch, read, typing, ping."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from palique.chat.v1.chat_pb2 import AppendItem, AppendResult, FetchRequest, Head, MarkReadItem, MarkReadRequest
from palique.gateway.v1.live_pb2 import Typing

from kit.batching import Batcher
from kit.bus.exchanges import BusDown
from kit.bus.publisher import Publisher
from kit.codes import Code, Refused
from kit.entry_json import entry_json
from kit.times import rfc3339
from services.gateway.backends import ChatPool
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.handlers import AsyncHandler, SyncHandler
from services.gateway.connection.peer import VISITOR, PeerIdentity
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.sync_batcher import SyncBatcher, SyncQuery
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.session.append_batcher import RETRY_MS, AppendBatcher, outcome_unknown
from services.gateway.session.new_chats import NewChatLimit
from services.gateway.session.visitor_names import VisitorNameCache

TYPING_KEY = "typing"
# A typing indicator lasts some seconds; more notices change nothing.
TYPING_EVERY_MS = 1000
# Conversations of one connection whose typing is limited separately.
MAX_TYPING_TIMES = 50
READ_TIMEOUT_S = 6.0
# An overload lasts some seconds, and each retry adds to it.
NEW_CHAT_RETRY_MS = 5000

# Faults that pass: the same message may succeed later.
_TRANSIENT = frozenset({Code.RETRY, Code.UNAVAILABLE, Code.OVERLOADED, Code.INTERNAL})


class MessageHandlers:
    """The handlers of `send`, `note`, `fetch`, `read`, `typing` and `ping`."""

    def __init__(
        self,
        chat: ChatPool,
        *,
        append_batcher: AppendBatcher,
        sync_batcher: SyncBatcher,
        participants: ParticipantCache,
        visitor_names: VisitorNameCache,
        publisher: Publisher,
        accepts_chat: Callable[[Connection, PeerIdentity], bool],
        new_chats: NewChatLimit,
        tasks: BackgroundTasks,
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self._chat = chat
        self._accepts_chat = accepts_chat
        self._new_chats = new_chats
        self._append_batcher = append_batcher
        self._sync_batcher = sync_batcher
        self._participants = participants
        self._visitor_names = visitor_names
        self._publisher = publisher
        self._tasks = tasks
        self._now = now
        self._metrics = metrics
        self._reads: Batcher[tuple[str, MarkReadItem], bool] = Batcher(self._mark_read, timeout_s=READ_TIMEOUT_S)

    def __len__(self) -> int:
        """Read marks that wait for the next call."""
        return len(self._reads)

    def sync_handlers(self) -> dict[type[frames.ClientFrame], SyncHandler]:
        """Handlers that need no task."""
        return {frames.Send: self.send, frames.Note: self.note}

    def async_handlers(self) -> dict[type[frames.ClientFrame], AsyncHandler]:
        """Handlers that call another service."""
        return {
            frames.Fetch: self.fetch,
            frames.Read: self.read,
            frames.Typing: self.typing,
            frames.Ping: self.ping,
        }

    async def run(self) -> None:
        """Sends read marks until cancelled."""
        await self._reads.run()

    def send(self, connection: Connection, identity: PeerIdentity, frame: frames.Send) -> None:
        """Appends a message; the `ack` or `nack` follows."""
        started = time.perf_counter()
        if identity.kind == VISITOR:
            refused = self._new_chat_refused(connection, identity) if frame.conversation is None else None
            if refused is not None:
                self._nack(connection, frame, refused)
                return
            name = self._visitor_names.cached(identity.site, identity.id)
            if name is None:
                self._tasks.start(self._send_named(connection, identity, frame, started))
                return
            self._append(connection, identity._replace(name=name), frame, "message", started)
        elif frame.conversation is None:
            self._nack(connection, frame, Refused(Code.INVALID, "The conversation is missing."))
        else:
            self._append(connection, identity, frame, "message", started)

    def _new_chat_refused(self, connection: Connection, identity: PeerIdentity) -> Refused | None:
        if not self._accepts_chat(connection, identity):
            return Refused(Code.OVERLOADED, "The service is overloaded; try again in a moment.", NEW_CHAT_RETRY_MS)
        return self._new_chats.take(connection.network)

    def note(self, connection: Connection, identity: PeerIdentity, frame: frames.Note) -> None:
        """Appends a note, which only agents may read (requirement I-20)."""
        self._append(connection, identity, frame, "note", time.perf_counter())

    async def _send_named(
        self, connection: Connection, identity: PeerIdentity, frame: frames.Send, started: float
    ) -> None:
        name = await self._visitor_names.get(identity.site, identity.id)
        self._append(connection, identity._replace(name=name), frame, "message", started)

    def _append(
        self,
        connection: Connection,
        identity: PeerIdentity,
        frame: frames.Send | frames.Note,
        kind: str,
        started: float,
    ) -> None:
        origin = connection.client_info
        item = AppendItem(
            conversation=frame.conversation or "",
            author=identity.person,
            kind=kind,
            client_id=frame.client_id,
            text=frame.text,
            origin=connection.id,
            country=origin.country if origin is not None else "",
            region=origin.region if origin is not None else "",
        )

        try:
            future = self._append_batcher.append(identity.site, item, frame.conversation or identity.id)
        except Refused as refused:
            if frame.conversation is None:
                self._new_chats.give_back(connection.network)
            self._nack(connection, frame, refused)
        else:
            if frame.conversation is None:
                future.add_done_callback(partial(self._new_chats.give_back_unopened, connection.network))
            future.add_done_callback(partial(self._on_result, connection, frame, started))

    def _on_result(
        self,
        connection: Connection,
        frame: frames.Send | frames.Note,
        started: float,
        future: asyncio.Future[AppendResult],
    ) -> None:
        failure = future.exception()
        if failure is not None:
            self._nack(connection, frame, failure if isinstance(failure, Refused) else outcome_unknown())
            return
        result = future.result()
        self._metrics.ack.observe(time.perf_counter() - started)
        # The acknowledgement stands for the entry, which this connection does not get.
        connection.mark_delivered(result.conversation, result.epoch, result.seq)
        connection.protocol.request_done()
        at = rfc3339(result.at_ms)
        connection.send(
            frames.Ack(frame.client_id, result.conversation, result.epoch, result.seq, at, result.duplicate)
        )

    def _nack(self, connection: Connection, frame: frames.Send | frames.Note, refused: Refused) -> None:
        self._metrics.nacks.labels(refused.code).inc()
        connection.protocol.request_done()
        retry_ms = refused.retry_ms
        if retry_ms is None and refused.code in _TRANSIENT:
            retry_ms = RETRY_MS
        connection.send(frames.Nack(frame.client_id, refused.code, refused.message, retry_ms))

    async def fetch(self, connection: Connection, identity: PeerIdentity, frame: frames.Fetch) -> None:
        """Sends a page of the log, after a `reset` when the client's copy has another epoch."""
        request = FetchRequest(
            site=identity.site,
            conversation=frame.conversation,
            reader=identity.person,
            after=frame.after,
            limit=frame.limit,
        )
        page = await self._chat.call(lambda stub: stub.Fetch, request, key=frame.conversation)
        items = [entry_json(entry) for entry in page.entries]
        more = page.more
        if frame.epoch not in (0, page.epoch):
            connection.cursors.begin(frame.conversation, page.epoch, 0, page.head)
            connection.send(frames.Reset(frame.conversation, page.epoch, page.head))
            items, more = [], page.head > 0
        elif identity.kind == VISITOR and frame.conversation not in connection.cursors.positions:
            connection.cursors.begin(frame.conversation, page.epoch, frame.after, page.head)
        last = items[-1].seq if items else frame.after
        connection.cursors.mark_page_delivered(frame.conversation, page.epoch, frame.after, last)
        connection.send(frames.Entries(frame.ref, frame.conversation, page.epoch, items, page.head, more))

    async def read(self, _: Connection, identity: PeerIdentity, frame: frames.Read) -> None:
        """Raises the person's read mark. Other participants get it through chat's hints."""
        await self._participants.get(identity, frame.conversation)
        item = MarkReadItem(conversation=frame.conversation, reader=identity.person, seq=frame.seq)
        await self._reads.submit((identity.site, item), (frame.conversation, identity.kind, identity.id))

    async def typing(self, connection: Connection, identity: PeerIdentity, frame: frames.Typing) -> None:
        """Publishes a typing notice, at most one a second; lost when the broker is down."""
        if not self._may_type(connection, frame.conversation):
            return
        participants = await self._participants.get(identity, frame.conversation)
        name = (
            self._visitor_names.cached(identity.site, identity.id) or identity.name
            if identity.kind == VISITOR
            else identity.name
        )
        typing = Typing(
            site=identity.site,
            conversation=frame.conversation,
            visitor=participants.visitor_id,
            assignee=participants.assignee_id,
            who_kind=identity.kind,
            who=identity.id,
            who_name=name,
            origin=connection.id,
        )
        try:
            await self._publisher.publish(typing.SerializeToString(), TYPING_KEY)
        except BusDown:
            return

    async def ping(self, connection: Connection, identity: PeerIdentity, frame: frames.Ping) -> None:
        """Answers with the heads of the logs that are ahead of the client's copies, or restored under a higher epoch."""
        places = connection.cursors.positions
        cursors = {item.conversation: item.seq for item in frame.cursors if item.conversation in places}
        ahead = await self._ahead(identity.site, cursors) if cursors else []
        heads = {at.conversation: frames.Head(at.conversation, at.epoch, at.head) for at in ahead}
        for item in frame.cursors:
            position = places.get(item.conversation)
            if position is not None and 0 < item.epoch < position.epoch:
                heads.setdefault(item.conversation, frames.Head(item.conversation, position.epoch, position.known_head))
        connection.send(frames.Pong(list(heads.values()), rfc3339(self._now())))

    async def _ahead(self, site: str, cursors: Mapping[str, int]) -> list[Head]:
        """Empty when chat does not answer: the pong still shows that the connection works."""
        try:
            answer = await self._sync_batcher.query(SyncQuery(site, cursors))
        except (Refused, TimeoutError):
            return []
        return [head for conversation, head in answer.heads.items() if head.head > cursors[conversation]]

    def _may_type(self, connection: Connection, conversation: str) -> bool:
        now_ms = self._now()
        if connection.typing_sent_ms is None or len(connection.typing_sent_ms) > MAX_TYPING_TIMES:
            connection.typing_sent_ms = {}
        if now_ms - connection.typing_sent_ms.get(conversation, 0) < TYPING_EVERY_MS:
            return False
        connection.typing_sent_ms[conversation] = now_ms
        return True

    async def _mark_read(self, items: Sequence[tuple[str, MarkReadItem]]) -> list[bool | Exception]:
        sites: dict[str, list[MarkReadItem]] = {}
        for site, item in items:
            sites.setdefault(site, []).append(item)
        for site, of_site in sites.items():
            await self._chat.call(lambda stub: stub.MarkRead, MarkReadRequest(site=site, items=of_site), key=site)
        return [True] * len(items)
