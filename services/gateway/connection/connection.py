"""One signed-in socket, or one on its way there: its machine, its cursors, and the writing towards its peer.

Entries reach a link in any order, also while it still resumes; what its client has is never sent twice, and nothing is
sent before the `welcome`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from palique.chat.v1.chat_pb2 import Person
from starlette.datastructures import Headers

from kit.codes import Close
from services.gateway.connection import frames
from services.gateway.connection.cursors import Cursors, Delivery
from services.gateway.connection.frame_codec import encode
from services.gateway.connection.frames import ClientFrame, Page, Reset, ServerFrame, Stale
from services.gateway.connection.protocol import Action, ConnectionProtocol, Identify, Perform, Phase, Say, Shut
from services.gateway.connection.send_buffer import BufferedFrame, SendBuffer
from services.gateway.connection.transport import Transport, text_frame
from services.gateway.metrics import Metrics

VISITOR, AGENT = "visitor", "agent"
# Entries that arrive while a resume is under way, which takes milliseconds.
MAX_EARLY = 300
# A peer that takes nothing for so long is freed (with the closing handshake well within half a minute).
STUCK_MS = 20_000


class PeerIdentity(NamedTuple):
    """Whom a link belongs to, proven. `cookie` is an agent's, for asking again whether it still holds."""

    kind: str
    site: str
    id: str
    name: str
    role: str = ""
    session: str = ""
    cookie: str = ""

    @property
    def person(self) -> Person:
        return Person(kind=self.kind, id=self.id, name=self.name)


class ClientInfo(NamedTuple):
    """Where a visitor is and with what, as the handshake told. Plain and small: there is one for every socket."""

    ip: str
    country: str
    region: str
    user_agent: str
    browser: str
    os: str
    device: str


class EntryFrame(NamedTuple):
    """An entry on its way to sockets, encoded once for all of them; or a `run` of several without a hole, whose last one is `seq` and
    whose frames are joined in `frame`.
    """

    conversation: str
    epoch: int
    seq: int
    frame: bytes
    run: "tuple[EntryFrame, ...]" = ()

    @property
    def first(self) -> int:
        return self.run[0].seq if self.run else self.seq


class Dispatcher(Protocol):
    """Who does what a link's machine asks for. Neither call may wait."""

    def identify(self, link: "Connection", hello: frames.Hello) -> None: ...
    def perform(self, link: "Connection", frame: ClientFrame) -> None: ...


class Connection:
    """The taker of one wire."""

    __slots__ = (
        "_backlog",
        "_desk",
        "_early",
        "_metrics",
        "_missed",
        "_now",
        "_stuck_ms",
        "client_info",
        "cursors",
        "headers",
        "id",
        "identity",
        "kind",
        "page",
        "protocol",
        "transport",
        "typing_sent_ms",
    )

    def __init__(
        self,
        kind: str,
        connection_id: str,
        transport: Transport,
        protocol: ConnectionProtocol,
        desk: Dispatcher,
        headers: Headers,
        *,
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self.kind = kind
        self.id = connection_id
        self.transport = transport
        self.protocol = protocol
        self.cursors = Cursors()
        # Of the handshake, until it is known who this is.
        self.headers: Headers | None = headers
        self.identity: PeerIdentity | None = None
        # Where a visitor is, with what, and what they look at.
        self.client_info: ClientInfo | None = None
        self.page: Page | None = None
        # When typing was last passed on, by conversation.
        self.typing_sent_ms: dict[str, int] | None = None
        self._desk = desk
        self._now = now
        self._metrics = metrics
        self._backlog: SendBuffer | None = None
        self._stuck_ms: int | None = None
        self._early: list[EntryFrame] | None = None
        self._missed: dict[str, tuple[int, int]] | None = None

    # --- what the wire tells

    def take(self, data: bytes) -> None:
        self._act(self.protocol.received(data, self._now()))

    def take_binary(self) -> None:
        self._act(self.protocol.received_binary())

    def take_sign_of_life(self) -> None:
        self.protocol.heard(self._now())

    def writable(self) -> None:
        self._stuck_ms = None
        if self._backlog is not None:
            waiting, self._backlog = self._backlog, None
            self._metrics.dropped.inc(waiting.dropped)
            for frame in waiting.take_all():
                self.transport.write(frame)

    # --- what time tells

    def tick(self, now_ms: int) -> None:
        """About once a second."""
        self._act(self.protocol.ticked(now_ms))
        if self.transport.can_write:
            return
        if self._stuck_ms is None:
            self._stuck_ms = now_ms
        elif now_ms - self._stuck_ms >= STUCK_MS:
            self.abort_slow()

    # --- what others want of it

    @property
    def is_live(self) -> bool:
        return self.protocol.phase is Phase.LIVE

    @property
    def is_slow(self) -> bool:
        """The peer reads slower than it is written to: whatever can be told later should be."""
        return not self.transport.can_write

    @property
    def buffered(self) -> int:
        """Frames that wait until the peer reads."""
        return 0 if self._backlog is None else len(self._backlog)

    def send(self, frame: ServerFrame) -> None:
        """Sends a frame that must arrive as long as the socket lives."""
        self._write(BufferedFrame(text_frame(encode(frame))))

    def send_encoded(self, frame: bytes) -> None:
        """As `say`, for a frame already around its payload and shared by many."""
        self._write(BufferedFrame(frame))

    def send_ephemeral(self, frame: bytes) -> None:
        """Sends a frame, already around its payload, that may be lost; only to a live socket."""
        if self.is_live:
            self._write(BufferedFrame(frame, ephemeral=True))

    def deliver(self, entry: EntryFrame) -> int:
        """Sends an entry, or those of a run, unless the client has them; gives how many were written now."""
        if self.protocol.phase is Phase.LIVE:
            keeps_up = self._backlog is None and self.transport.can_write
            if keeps_up and self.cursors.extend(entry.conversation, entry.epoch, entry.first, entry.seq):
                self.transport.put(entry.frame)
                return len(entry.run) or 1
            return sum(self._deliver(one) for one in entry.run or (entry,))
        if self.protocol.phase is Phase.RESUMING:
            for one in entry.run or (entry,):
                self._keep(one)
        return 0

    def mark_delivered(self, conversation: str, epoch: int, seq: int) -> None:
        """The client is about to get this entry in another frame than one of `hand`."""
        if self.cursors.mark_delivered(conversation, epoch, seq) is Delivery.NEW_EPOCH:
            self.send(Reset(conversation, epoch, seq))

    def send_stale(self, conversation: str, epoch: int, head: int) -> bool:
        """Tells the client that a log went on, if it does not know; True when it was told."""
        if not self.is_live:
            return False
        anew = self.cursors.is_new_epoch(conversation, epoch)
        if not self.cursors.needs_stale(conversation, epoch, head):
            return False
        if anew:
            self.cursors.begin(conversation, epoch, 0, head)
            self.send(Reset(conversation, epoch, head))
        else:
            self.send(Stale(conversation, head))
        self._metrics.told.inc()
        return True

    def resumed(self) -> None:
        """The welcome and what was missed are out: from now on everything goes straight through."""
        early, self._early = self._early or [], None
        missed, self._missed = self._missed or {}, None
        actions = self.protocol.resumed(self._now())
        for entry in early:
            self._deliver(entry)
        for conversation, (epoch, head) in missed.items():
            self.mark_delivered(conversation, epoch, head)
            self.send(Stale(conversation, head))
        self._act(actions)

    def close(self, code: Close, reason: str) -> None:
        self._act(self.protocol.shut(code, reason))

    def abort_slow(self) -> None:
        """The peer is too slow: it is told if it can be, and cut off."""
        if self.protocol.shut(Close.TOO_SLOW, ""):
            self._metrics.closes.labels(Close.TOO_SLOW).inc()
            self.transport.shut(Close.TOO_SLOW, "too slow")
        self.transport.abort()

    def disconnected(self) -> None:
        """The peer is gone; nothing reaches it any more."""
        self.protocol.closed()
        self._backlog = None
        self._early = None

    # --- inside

    def _act(self, actions: Sequence[Action]) -> None:
        for action in actions:
            # By far the most frequent first.
            if isinstance(action, Perform):
                self._desk.perform(self, action.frame)
            elif isinstance(action, Say):
                self.send(action.frame)
            elif isinstance(action, Identify):
                self._desk.identify(self, action.hello)
            elif isinstance(action, Shut):
                self._metrics.closes.labels(int(action.code)).inc()
                self.transport.shut(action.code, action.reason)
            else:
                self.transport.probe()

    def _deliver(self, entry: EntryFrame) -> bool:
        handing = self.cursors.mark_delivered(entry.conversation, entry.epoch, entry.seq)
        if handing is Delivery.DUPLICATE:
            return False
        if handing is Delivery.NEW_EPOCH:
            self.send(Reset(entry.conversation, entry.epoch, entry.seq))
        if self._backlog is None and self.transport.can_write:
            self.transport.put(entry.frame)
        else:
            self._write(BufferedFrame(entry.frame, entry.conversation, entry.seq))
        return True

    def _keep(self, entry: EntryFrame) -> None:
        if self._early is None:
            self._early = []
        if len(self._early) < MAX_EARLY:
            self._early.append(entry)
            return
        if self._missed is None:
            self._missed = {}
        self._missed[entry.conversation] = (entry.epoch, entry.seq)

    def _write(self, item: BufferedFrame) -> None:
        if self._backlog is None:
            if self.transport.can_write:
                self.transport.write(item.frame)
                return
            self._backlog = SendBuffer(lambda conversation, head: text_frame(encode(Stale(conversation, head))))
        if not self._backlog.add(item):
            self.abort_slow()
