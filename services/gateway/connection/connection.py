"""One websocket connection: executes the actions of its protocol, keeps its cursors, and sends frames in their order.

Entries may arrive in any order, also while the connection still resumes. The client gets no entry twice, and nothing before the
`welcome`.
"""

import traceback
from collections.abc import Callable, Sequence
from typing import Protocol

from starlette.datastructures import Headers

from kit.codes import Close
from kit.runtime.logs import Log
from services.gateway.connection import frames
from services.gateway.connection.cursors import Cursors, Delivery
from services.gateway.connection.entry_frame import EntryFrame
from services.gateway.connection.frame_codec import encode
from services.gateway.connection.frames import ClientFrame, Page, Reset, ServerFrame, Stale
from services.gateway.connection.peer import ClientInfo, PeerIdentity
from services.gateway.connection.protocol import (
    Action,
    CloseConnection,
    ConnectionProtocol,
    HandleFrame,
    Identify,
    Phase,
    SendRefusal,
)
from services.gateway.connection.send_buffer import BufferedFrame, SendBuffer
from services.gateway.connection.transport import Transport, text_frame
from services.gateway.metrics import Metrics

# Entries that arrive during a resume, which takes milliseconds.
MAX_EARLY_ENTRIES = 300
# A client that reads nothing for this long is closed. With the closing handshake this takes less than half a minute.
STUCK_MS = 20_000


class Dispatcher(Protocol):
    """Handles what clients ask for. Neither call may block."""

    def identify(self, connection: "Connection", hello: frames.Hello) -> None: ...
    def handle(self, connection: "Connection", frame: ClientFrame) -> None: ...


class Connection:
    """The receiver of one transport."""

    __slots__ = (
        "_buffer",
        "_dispatcher",
        "_early_entries",
        "_log",
        "_metrics",
        "_missed_heads",
        "_now",
        "_stuck_since_ms",
        "client_info",
        "cursors",
        "front_at_ms",
        "headers",
        "id",
        "identity",
        "kind",
        "network",
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
        dispatcher: Dispatcher,
        headers: Headers,
        *,
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
    ) -> None:
        self.kind = kind
        self.id = connection_id
        self.transport = transport
        self.protocol = protocol
        self.cursors = Cursors()
        # Of the handshake; dropped once the peer is authenticated.
        self.headers: Headers | None = headers
        self.identity: PeerIdentity | None = None
        # Of visitors only. `network` is the key of limits of their address; None for a proxy that counts for none of its clients.
        self.network: str | None = None
        self.client_info: ClientInfo | None = None
        self.page: Page | None = None
        # When the visitor last had this tab in front; 0 for never.
        self.front_at_ms = 0
        # When the last typing notice was published, by conversation.
        self.typing_sent_ms: dict[str, int] | None = None
        self._dispatcher = dispatcher
        self._now = now
        self._log = log
        self._metrics = metrics
        self._buffer: SendBuffer | None = None
        self._stuck_since_ms: int | None = None
        # During a resume: entries that wait for it, and the epoch and head of logs whose entries exceeded the bound.
        self._early_entries: list[EntryFrame] | None = None
        self._missed_heads: dict[str, tuple[int, int]] | None = None

    # --- called by the transport

    def receive(self, data: bytes) -> None:
        self._execute(self.protocol.received(data, self._now()))

    def receive_binary(self) -> None:
        self._execute(self.protocol.received_binary())

    def receive_pong(self) -> None:
        self.protocol.mark_alive(self._now())

    def resume_writing(self) -> None:
        self._stuck_since_ms = None
        if self._buffer is not None:
            buffer, self._buffer = self._buffer, None
            self._metrics.dropped.inc(buffer.dropped)
            for frame in buffer.take_all():
                self.transport.write(frame)

    def receive_flood(self, wait_ms: int) -> None:
        self.close(Close.TOO_FAST, f"Too much data in a short time; come back in {wait_ms} ms.")

    def fail(self, error: Exception) -> None:
        """The last net under the handling of what the peer sent. The log line names the place of the fault, never the content."""
        if self.protocol.phase is Phase.CLOSED:
            return
        place = traceback.extract_tb(error.__traceback__)[-1]
        self._log.error(
            "socket closed by a fault",
            connection=self.id,
            error=type(error).__name__,
            at=f"{place.name}:{place.lineno}",
        )
        self.close(Close.INTERNAL_ERROR, "A fault of the server.")

    # --- called by the clock

    def tick(self, now_ms: int) -> None:
        """Checks the deadlines; called about once a second."""
        self._execute(self.protocol.tick(now_ms))
        if self.transport.can_write:
            return
        if self._stuck_since_ms is None:
            self._stuck_since_ms = now_ms
        elif now_ms - self._stuck_since_ms >= STUCK_MS:
            self.abort_slow()

    # --- called by the rest of the gateway

    @property
    def is_live(self) -> bool:
        return self.protocol.phase is Phase.LIVE

    @property
    def is_slow(self) -> bool:
        """The client reads slower than the gateway writes: updates that can wait should."""
        return not self.transport.can_write

    @property
    def buffered(self) -> int:
        """Frames that wait until the client reads."""
        return 0 if self._buffer is None else len(self._buffer)

    def send(self, frame: ServerFrame) -> None:
        """Sends a frame that must arrive as long as the connection is open."""
        self._write(BufferedFrame(text_frame(encode(frame))))

    def send_encoded(self, frame: bytes) -> None:
        """As `send`, for a frame that many connections share, made with `text_frame`."""
        self._write(BufferedFrame(frame))

    def send_ephemeral(self, frame: bytes) -> None:
        """As `send_encoded`, for a frame that may be lost. Does nothing unless the connection is live."""
        if self.is_live:
            self._write(BufferedFrame(frame, ephemeral=True))

    def deliver(self, entry: EntryFrame) -> int:
        """Sends an entry, or a run, without the entries that the client has. Returns how many were sent now."""
        if self.protocol.phase is Phase.LIVE:
            keeps_up = self._buffer is None and self.transport.can_write
            if keeps_up and self.cursors.extend(entry.conversation_id, entry.epoch, entry.first, entry.seq):
                self.transport.write_batched(entry.frame)
                return len(entry.run) or 1
            return sum(self._deliver(one) for one in entry.run or (entry,))
        if self.protocol.phase is Phase.RESUMING:
            for one in entry.run or (entry,):
                self._keep_for_resume(one)
        return 0

    def mark_delivered(self, conversation_id: str, epoch: int, seq: int) -> None:
        """Records that another frame than one of `deliver` brings this entry to the client."""
        if self.cursors.mark_delivered(conversation_id, epoch, seq) is Delivery.NEW_EPOCH:
            self.send(Reset(conversation_id, epoch, seq))

    def send_stale(self, conversation_id: str, epoch: int, head: int) -> bool:
        """Sends `stale`, or `reset` for a new epoch, unless the client knows this head. True when a frame was sent."""
        if not self.is_live:
            return False
        is_new_epoch = self.cursors.is_new_epoch(conversation_id, epoch)
        if not self.cursors.needs_stale(conversation_id, epoch, head):
            return False
        if is_new_epoch:
            self.cursors.begin(conversation_id, epoch, 0, head)
            self.send(Reset(conversation_id, epoch, head))
        else:
            self.send(Stale(conversation_id, head))
        self._metrics.told.inc()
        return True

    def finish_resume(self) -> None:
        """The welcome and the missed entries are sent: sends the entries that arrived meanwhile, and handles the held frames."""
        early, self._early_entries = self._early_entries or [], None
        missed, self._missed_heads = self._missed_heads or {}, None
        actions = self.protocol.resumed(self._now())
        for entry in early:
            self._deliver(entry)
        for conversation_id, (epoch, head) in missed.items():
            self.mark_delivered(conversation_id, epoch, head)
            self.send(Stale(conversation_id, head))
        self._execute(actions)

    def close(self, code: Close, reason: str) -> None:
        self._execute(self.protocol.close(code, reason))

    def abort_slow(self) -> None:
        """Closes with 4408 (too slow), without waiting for a client that does not read."""
        if self.protocol.close(Close.TOO_SLOW, ""):
            self._metrics.closes.labels(Close.TOO_SLOW).inc()
            self.transport.close(Close.TOO_SLOW, "too slow")
        self.transport.abort()

    def disconnected(self) -> None:
        """The transport is closed: drops everything that waits."""
        self.protocol.connection_lost()
        self._buffer = None
        self._early_entries = None

    # --- private

    def _execute(self, actions: Sequence[Action]) -> None:
        for action in actions:
            # The most frequent first.
            if isinstance(action, HandleFrame):
                self._dispatcher.handle(self, action.frame)
            elif isinstance(action, SendRefusal):
                self._metrics.frames_refused.labels(action.frame.code).inc()
                self.send(action.frame)
            elif isinstance(action, Identify):
                self._dispatcher.identify(self, action.hello)
            elif isinstance(action, CloseConnection):
                self._metrics.closes.labels(int(action.code)).inc()
                self.transport.close(action.code, action.reason)
            else:
                self.transport.ping()

    def _deliver(self, entry: EntryFrame) -> bool:
        delivery = self.cursors.mark_delivered(entry.conversation_id, entry.epoch, entry.seq)
        if delivery is Delivery.DUPLICATE:
            return False
        if delivery is Delivery.NEW_EPOCH:
            self.send(Reset(entry.conversation_id, entry.epoch, entry.seq))
        if self._buffer is None and self.transport.can_write:
            self.transport.write_batched(entry.frame)
        else:
            self._write(BufferedFrame(entry.frame, entry.conversation_id, entry.seq))
        return True

    def _keep_for_resume(self, entry: EntryFrame) -> None:
        if self._early_entries is None:
            self._early_entries = []
        if len(self._early_entries) < MAX_EARLY_ENTRIES:
            self._early_entries.append(entry)
            return
        if self._missed_heads is None:
            self._missed_heads = {}
        self._missed_heads[entry.conversation_id] = (entry.epoch, entry.seq)

    def _write(self, item: BufferedFrame) -> None:
        if self._buffer is None:
            if self.transport.can_write:
                self.transport.write(item.frame)
                return
            self._buffer = SendBuffer(lambda conversation_id, head: text_frame(encode(Stale(conversation_id, head))))
        if not self._buffer.add(item):
            self.abort_slow()
