"""One signed-in socket, or one on its way there: its machine, its cursors, and the writing towards its peer.

Entries reach a link in any order, also while it still resumes; what its client has is never sent twice, and nothing is
sent before the `welcome`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from palique.chat.v1.chat_pb2 import Person
from starlette.datastructures import Headers

from kit.codes import Close
from services.gateway.connection import frames, protocol
from services.gateway.connection.cursors import Cursors, Delivery
from services.gateway.connection.frames import PageIn
from services.gateway.connection.protocol import Action, ConnectionProtocol, Phase
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
    def perform(self, link: "Connection", frame: frames.Frame) -> None: ...


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
        "connection",
        "cursors",
        "headers",
        "kind",
        "machine",
        "origin",
        "page",
        "typed",
        "who",
        "wire",
    )

    def __init__(
        self,
        kind: str,
        protocol: str,
        wire: Transport,
        machine: ConnectionProtocol,
        desk: Dispatcher,
        headers: Headers,
        *,
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self.kind = kind
        self.connection = protocol
        self.wire = wire
        self.machine = machine
        self.cursors = Cursors()
        # Of the handshake, until it is known who this is.
        self.headers: Headers | None = headers
        self.who: PeerIdentity | None = None
        # Where a visitor is, with what, and what they look at.
        self.origin: ClientInfo | None = None
        self.page: PageIn | None = None
        # When typing was last passed on, by conversation.
        self.typed: dict[str, int] | None = None
        self._desk = desk
        self._now = now
        self._metrics = metrics
        self._backlog: SendBuffer | None = None
        self._stuck_ms: int | None = None
        self._early: list[EntryFrame] | None = None
        self._missed: dict[str, tuple[int, int]] | None = None

    # --- what the wire tells

    def take(self, data: bytes) -> None:
        self._act(self.machine.received(data, self._now()))

    def take_binary(self) -> None:
        self._act(self.machine.received_binary())

    def take_sign_of_life(self) -> None:
        self.machine.heard(self._now())

    def writable(self) -> None:
        self._stuck_ms = None
        if self._backlog is not None:
            waiting, self._backlog = self._backlog, None
            self._metrics.dropped.inc(waiting.dropped)
            for frame in waiting.take_all():
                self.wire.write(frame)

    # --- what time tells

    def tick(self, now_ms: int) -> None:
        """About once a second."""
        self._act(self.machine.ticked(now_ms))
        if self.wire.can_write:
            return
        if self._stuck_ms is None:
            self._stuck_ms = now_ms
        elif now_ms - self._stuck_ms >= STUCK_MS:
            self.give_up()

    # --- what others want of it

    @property
    def is_live(self) -> bool:
        return self.machine.phase is Phase.LIVE

    @property
    def is_behind(self) -> bool:
        """The peer reads slower than it is written to: whatever can be told later should be."""
        return not self.wire.can_write

    @property
    def waiting(self) -> int:
        """Frames that wait until the peer reads."""
        return 0 if self._backlog is None else len(self._backlog)

    def say(self, payload: bytes) -> None:
        """Sends a frame that must arrive as long as the socket lives."""
        self._write(BufferedFrame(text_frame(payload)))

    def say_frame(self, frame: bytes) -> None:
        """As `say`, for a frame already around its payload and shared by many."""
        self._write(BufferedFrame(frame))

    def mention(self, frame: bytes) -> None:
        """Sends a frame, already around its payload, that may be lost; only to a live socket."""
        if self.is_live:
            self._write(BufferedFrame(frame, ephemeral=True))

    def hand(self, entry: EntryFrame) -> int:
        """Sends an entry, or those of a run, unless the client has them; gives how many were written now."""
        if self.machine.phase is Phase.LIVE:
            keeps_up = self._backlog is None and self.wire.can_write
            if keeps_up and self.cursors.extend(entry.conversation, entry.epoch, entry.first, entry.seq):
                self.wire.put(entry.frame)
                return len(entry.run) or 1
            return sum(self._hand(one) for one in entry.run or (entry,))
        if self.machine.phase is Phase.RESUMING:
            for one in entry.run or (entry,):
                self._keep(one)
        return 0

    def note(self, conversation: str, epoch: int, seq: int) -> None:
        """The client is about to get this entry in another frame than one of `hand`."""
        if self.cursors.hand(conversation, epoch, seq) is Delivery.ANEW:
            self.say(frames.reset(conversation, epoch, seq))

    def tell_head(self, conversation: str, epoch: int, head: int) -> bool:
        """Tells the client that a log went on, if it does not know; True when it was told."""
        if not self.is_live:
            return False
        anew = self.cursors.is_new_epoch(conversation, epoch)
        if not self.cursors.must_tell(conversation, epoch, head):
            return False
        if anew:
            self.cursors.begin(conversation, epoch, 0, head)
            self.say(frames.reset(conversation, epoch, head))
        else:
            self.say(frames.stale(conversation, head))
        self._metrics.told.inc()
        return True

    def resumed(self) -> None:
        """The welcome and what was missed are out: from now on everything goes straight through."""
        early, self._early = self._early or [], None
        missed, self._missed = self._missed or {}, None
        actions = self.machine.resumed(self._now())
        for entry in early:
            self._hand(entry)
        for conversation, (epoch, head) in missed.items():
            self.note(conversation, epoch, head)
            self.say(frames.stale(conversation, head))
        self._act(actions)

    def shut(self, code: Close, reason: str) -> None:
        self._act(self.machine.shut(code, reason))

    def give_up(self) -> None:
        """The peer is too slow: it is told if it can be, and cut off."""
        if self.machine.shut(Close.TOO_SLOW, ""):
            self._metrics.closes.labels(Close.TOO_SLOW).inc()
            self.wire.shut(Close.TOO_SLOW, "too slow")
        self.wire.abort()

    def gone(self) -> None:
        """The peer is gone; nothing reaches it any more."""
        self.machine.closed()
        self._backlog = None
        self._early = None

    # --- inside

    def _act(self, actions: Sequence[Action]) -> None:
        for action in actions:
            # By far the most frequent first.
            if isinstance(action, protocol.Perform):
                self._desk.perform(self, action.frame)
            elif isinstance(action, protocol.Say):
                self.say(action.payload)
            elif isinstance(action, protocol.Identify):
                self._desk.identify(self, action.hello)
            elif isinstance(action, protocol.Shut):
                self._metrics.closes.labels(int(action.code)).inc()
                self.wire.shut(action.code, action.reason)
            else:
                self.wire.probe()

    def _hand(self, entry: EntryFrame) -> bool:
        handing = self.cursors.hand(entry.conversation, entry.epoch, entry.seq)
        if handing is Delivery.HAD:
            return False
        if handing is Delivery.ANEW:
            self.say(frames.reset(entry.conversation, entry.epoch, entry.seq))
        if self._backlog is None and self.wire.can_write:
            self.wire.put(entry.frame)
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
            if self.wire.can_write:
                self.wire.write(item.frame)
                return
            self._backlog = SendBuffer(lambda conversation, head: text_frame(frames.stale(conversation, head)))
        if not self._backlog.add(item):
            self.give_up()
