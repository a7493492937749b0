"""What both kinds of people do in a conversation: write, read pages of the log, mark as read, be seen typing, ping."""

import time
from collections.abc import Callable, Mapping, Sequence

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
from services.gateway.connection.connection import VISITOR, Connection, PeerIdentity
from services.gateway.connection.handlers import AsyncHandler, SyncHandler
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.sync_batcher import SyncBatcher, SyncQuery
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.session.append_batcher import RETRY_MS, AppendBatcher
from services.gateway.session.visitor_names import VisitorNameCache

TYPING_KEY = "typing"
# As often as an indicator that lasts some seconds needs it.
TYPING_EVERY_MS = 1000
# Conversations of one socket whose typing is throttled one by one.
MAX_TYPING_MARKS = 50
READ_TIMEOUT_S = 6.0
# A wave of load takes some seconds to pass, and asking costs, too.
NEW_CHAT_RETRY_MS = 5000

# Nothing that the person who writes could change: the same message is worth another try.
_PASSING = frozenset({Code.RETRY, Code.UNAVAILABLE, Code.OVERLOADED, Code.INTERNAL})


class MessageHandlers:
    """The handlers of `send`, `note`, `fetch`, `read`, `typing` and `ping`."""

    def __init__(
        self,
        chat: ChatPool,
        *,
        sender: AppendBatcher,
        syncing: SyncBatcher,
        directory: ParticipantCache,
        names: VisitorNameCache,
        typing: Publisher,
        takes_chat: Callable[[Connection, PeerIdentity], bool],
        tasks: BackgroundTasks,
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self._chat = chat
        self._takes_chat = takes_chat
        self._sender = sender
        self._syncing = syncing
        self._directory = directory
        self._names = names
        self._typing = typing
        self._tasks = tasks
        self._now = now
        self._metrics = metrics
        self._reads: Batcher[tuple[str, MarkReadItem], bool] = Batcher(self._mark, timeout_s=READ_TIMEOUT_S)

    def __len__(self) -> int:
        """Read marks that wait for the next call."""
        return len(self._reads)

    def sync_handlers(self) -> dict[type[frames.ClientFrame], SyncHandler]:
        """What is done within the call."""
        return {frames.Send: self.send, frames.Note: self.note}

    def async_handlers(self) -> dict[type[frames.ClientFrame], AsyncHandler]:
        """What takes a call of another service."""
        return {
            frames.Fetch: self.fetch,
            frames.Read: self.read,
            frames.Typing: self.typing,
            frames.Ping: self.ping,
        }

    async def run(self) -> None:
        """Marks as read until cancelled."""
        await self._reads.run()

    def send(self, link: Connection, who: PeerIdentity, frame: frames.Send) -> None:
        """Answers with `ack` or `nack`, later."""
        started = time.perf_counter()
        if frame.conversation is None and who.kind == VISITOR and not self._takes_chat(link, who):
            message = "Too much is going on for a new chat; try again in a moment."
            self._nack(link, frame, Refused(Code.OVERLOADED, message, NEW_CHAT_RETRY_MS))
        elif who.kind == VISITOR:
            name = self._names.known(who.site, who.id)
            if name is None:
                self._tasks.start(self._send_named(link, who, frame, started))
                return
            self._append(link, who._replace(name=name), frame, "message", started)
        elif frame.conversation is None:
            self._nack(link, frame, Refused(Code.INVALID, "An agent names the conversation."))
        else:
            self._append(link, who, frame, "message", started)

    def note(self, link: Connection, who: PeerIdentity, frame: frames.Note) -> None:
        """A note that only agents see (I-20)."""
        self._append(link, who, frame, "note", time.perf_counter())

    async def _send_named(self, link: Connection, who: PeerIdentity, frame: frames.Send, started: float) -> None:
        name = await self._names.of(who.site, who.id)
        self._append(link, who._replace(name=name), frame, "message", started)

    def _append(
        self, link: Connection, who: PeerIdentity, frame: frames.Send | frames.Note, kind: str, started: float
    ) -> None:
        origin = link.client_info
        item = AppendItem(
            conversation=frame.conversation or "",
            author=who.person,
            kind=kind,
            client_id=frame.client_id,
            text=frame.text,
            origin=link.id,
            country=origin.country if origin is not None else "",
            region=origin.region if origin is not None else "",
        )

        def settle(result: AppendResult | Refused) -> None:
            self._settled(link, frame, result, started)

        try:
            self._sender.append(who.site, item, frame.conversation or who.id, settle)
        except Refused as refused:
            settle(refused)

    def _settled(
        self, link: Connection, frame: frames.Send | frames.Note, result: AppendResult | Refused, started: float
    ) -> None:
        if isinstance(result, AppendResult) and result.code:
            code = Code(result.code) if result.code in set(Code) else Code.UNAVAILABLE
            result = Refused(code, result.message, result.retry_ms or None)
        if isinstance(result, Refused):
            self._nack(link, frame, result)
            return
        self._metrics.ack.observe(time.perf_counter() - started)
        # The acknowledgement stands for the entry, which this socket is not told again.
        link.mark_delivered(result.conversation, result.epoch, result.seq)
        link.protocol.request_done()
        at = rfc3339(result.at_ms)
        ack = frames.Ack(frame.client_id, result.conversation, result.epoch, result.seq, at, result.duplicate)
        link.send(ack)

    def _nack(self, link: Connection, frame: frames.Send | frames.Note, refused: Refused) -> None:
        self._metrics.nacks.labels(refused.code).inc()
        link.protocol.request_done()
        retry_ms = refused.retry_ms
        if retry_ms is None and refused.code in _PASSING:
            retry_ms = RETRY_MS
        link.send(frames.Nack(frame.client_id, refused.code, refused.message, retry_ms))

    async def fetch(self, link: Connection, who: PeerIdentity, frame: frames.Fetch) -> None:
        """A page of the log, with `reset` before it when the client's copy is of another epoch."""
        request = FetchRequest(
            site=who.site, conversation=frame.conversation, reader=who.person, after=frame.after, limit=frame.limit
        )
        page = await self._chat.call(lambda stub: stub.Fetch, request, key=frame.conversation)
        items = [entry_json(entry) for entry in page.entries]
        more = page.more
        if frame.epoch not in (0, page.epoch):
            link.cursors.begin(frame.conversation, page.epoch, 0, page.head)
            link.send(frames.Reset(frame.conversation, page.epoch, page.head))
            items, more = [], page.head > 0
        elif who.kind == VISITOR and frame.conversation not in link.cursors.positions:
            link.cursors.begin(frame.conversation, page.epoch, frame.after, page.head)
        last = items[-1].seq if items else frame.after
        link.cursors.mark_page_delivered(frame.conversation, page.epoch, frame.after, last)
        link.send(frames.Entries(frame.ref, frame.conversation, page.epoch, items, page.head, more))

    async def read(self, _: Connection, who: PeerIdentity, frame: frames.Read) -> None:
        """Raises the person's read mark; the others hear of it through chat's hints."""
        await self._directory.get(who, frame.conversation)
        item = MarkReadItem(conversation=frame.conversation, reader=who.person, seq=frame.seq)
        await self._reads.submit((who.site, item), (frame.conversation, who.kind, who.id))

    async def typing(self, link: Connection, who: PeerIdentity, frame: frames.Typing) -> None:
        """Tells the others at most once a second; lost when the broker is away."""
        if not self._may_type(link, frame.conversation):
            return
        participants = await self._directory.get(who, frame.conversation)
        name = self._names.known(who.site, who.id) or who.name if who.kind == VISITOR else who.name
        typing = Typing(
            site=who.site,
            conversation=frame.conversation,
            visitor=participants.visitor_id,
            assignee=participants.assignee_id,
            who_kind=who.kind,
            who=who.id,
            who_name=name,
            origin=link.id,
        )
        try:
            await self._typing.publish(typing.SerializeToString(), TYPING_KEY)
        except BusDown:
            return

    async def ping(self, link: Connection, who: PeerIdentity, frame: frames.Ping) -> None:
        """Tells the true heads of those logs that go on past the client's copies."""
        places = link.cursors.positions
        cursors = {item.conversation: item.seq for item in frame.cursors if item.conversation in places}
        ahead = await self._ahead(who.site, cursors) if cursors else []
        link.send(frames.Pong([frames.Head(at.conversation, at.epoch, at.head) for at in ahead]))

    async def _ahead(self, site: str, cursors: Mapping[str, int]) -> list[Head]:
        """With chat away the pong says nothing new: the link itself is well, which is what a ping asks first."""
        try:
            answer = await self._syncing.query(SyncQuery(site, cursors))
        except (Refused, TimeoutError):
            return []
        return [head for conversation, head in answer.heads.items() if head.head > cursors[conversation]]

    def _may_type(self, link: Connection, conversation: str) -> bool:
        now_ms = self._now()
        if link.typing_sent_ms is None or len(link.typing_sent_ms) > MAX_TYPING_MARKS:
            link.typing_sent_ms = {}
        if now_ms - link.typing_sent_ms.get(conversation, 0) < TYPING_EVERY_MS:
            return False
        link.typing_sent_ms[conversation] = now_ms
        return True

    async def _mark(self, items: Sequence[tuple[str, MarkReadItem]]) -> list[bool | Exception]:
        sites: dict[str, list[MarkReadItem]] = {}
        for site, item in items:
            sites.setdefault(site, []).append(item)
        for site, of_site in sites.items():
            await self._chat.call(lambda stub: stub.MarkRead, MarkReadRequest(site=site, items=of_site), key=site)
        return [True] * len(items)
