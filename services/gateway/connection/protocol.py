"""State machine of one connection: frames and the time go in, actions come out. Pure.

    greeting --hello--> identifying --identified--> resuming --resumed--> live
        any state --close--> closed, which is final

Frames that arrive before `live` are held, up to a bound, and handled in order once it is reached, so that a client need not wait
for the `welcome`. Every refusal has a stable code. Only data that is no frame, or too many frames, closes the connection.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from kit.codes import Close, Code
from services.gateway.connection import frames
from services.gateway.connection.frame_codec import BadFrame, FrameDecoder, NotAFrame, error, text_fault
from services.gateway.connection.frames import ClientFrame, FrameError, Nack
from services.gateway.connection.token_bucket import TokenBucket, take_from_all

# Set by docs/protocol.md. A connection without `hello` costs memory for nothing.
HELLO_MS = 5000
# Clients ping every 20 s ± 20 %: two pings missed.
SILENCE_MS = 60_000
# The timers of a hidden tab may sleep for a minute; its browser still answers a websocket ping.
PEER_PING_MS = 30_000
# Frames before the welcome; a page sends a few.
MAX_HELD = 32
# Frames repeated within the wait of their refusal before the connection is closed, and how many of them are forgiven a second.
MAX_REFUSALS, REFUSALS_FORGIVEN = 50.0, 2.0
# Requests of one connection in progress.
MAX_PENDING = 64


class Phase(Enum):
    GREETING = "greeting"
    IDENTIFYING = "identifying"
    RESUMING = "resuming"
    LIVE = "live"
    CLOSED = "closed"


class SendRefusal(NamedTuple):
    """Send this refusal of a frame."""

    frame: Nack | FrameError


class CloseConnection(NamedTuple):
    """Close the connection with this code."""

    code: Close
    reason: str


class Identify(NamedTuple):
    """Authenticate the peer, then call `identified` or `close`."""

    hello: frames.Hello


class HandleFrame(NamedTuple):
    """Handle the frame, then call `request_done`."""

    frame: ClientFrame


class PingPeer(NamedTuple):
    """Send a websocket ping."""


Action = SendRefusal | CloseConnection | Identify | HandleFrame | PingPeer


class ConnectionProtocol:
    """One connection. Times are milliseconds of one clock of any kind."""

    __slots__ = (
        "_alive_ms",
        "_decoder",
        "_expires_at_ms",
        "_frames",
        "_held",
        "_messages",
        "_opened_ms",
        "_pending",
        "_pinged",
        "_refusals",
        "_retry_at_ms",
        "phase",
    )

    def __init__(self, decoder: FrameDecoder, frames_allowed: TokenBucket, now_ms: int) -> None:
        self.phase = Phase.GREETING
        self._decoder = decoder
        self._frames = frames_allowed
        self._refusals = TokenBucket(REFUSALS_FORGIVEN, MAX_REFUSALS)
        # When a refused frame may come again, by its client id, ref or type.
        self._retry_at_ms: dict[str, int] | None = None
        self._messages: Sequence[TokenBucket] = ()
        self._opened_ms = now_ms
        self._alive_ms = now_ms
        self._expires_at_ms: int | None = None
        self._held: list[ClientFrame] | None = None
        self._pending = 0
        self._pinged = False

    def received(self, data: bytes, now_ms: int) -> Sequence[Action]:
        """A text frame arrived."""
        if self.phase is Phase.CLOSED:
            return ()
        self.mark_alive(now_ms)
        if len(data) > frames.FRAME_LIMIT:
            return self.close(Close.TOO_LARGE, f"A frame has at most {frames.FRAME_LIMIT} bytes.")
        try:
            frame = self._decoder.decode(data)
        except NotAFrame:
            return self.close(Close.PROTOCOL_ERROR, "The data is no JSON object.")
        wait_ms = self._frames.take(now_ms)
        if wait_ms:
            return self._too_fast(frame, self._frames.promise(now_ms, wait_ms), now_ms)
        if isinstance(frame, BadFrame):
            return self._bad(frame)
        if self.phase is Phase.LIVE:
            return self._request(frame, now_ms)
        return self._early(frame)

    def received_binary(self) -> Sequence[Action]:
        """A binary frame arrived."""
        return self.close(Close.PROTOCOL_ERROR, "Frames are text.")

    def mark_alive(self, now_ms: int) -> None:
        """The peer sent something, if only a pong."""
        self._alive_ms = now_ms
        self._pinged = False

    def identified(self, messages_allowed: Sequence[TokenBucket], expires_at_ms: int | None) -> None:
        """The peer is authenticated. A message takes from all of `messages_allowed`, which other connections share."""
        if self.phase is Phase.IDENTIFYING:
            self.phase = Phase.RESUMING
            self._messages = messages_allowed
            self._expires_at_ms = expires_at_ms

    def resumed(self, now_ms: int) -> Sequence[Action]:
        """The welcome and the missed entries are sent: returns the actions of the held frames."""
        if self.phase is not Phase.RESUMING:
            return ()
        self.phase = Phase.LIVE
        held, self._held = self._held or [], None
        return [action for frame in held for action in self._request(frame, now_ms)]

    def request_done(self) -> None:
        """The work of a `HandleFrame` is finished, with or without success."""
        self._pending -= 1

    def tick(self, now_ms: int) -> Sequence[Action]:
        """Checks the deadlines; call about once a second."""
        if self.phase is Phase.CLOSED:
            return ()
        if self.phase is Phase.GREETING and now_ms - self._opened_ms >= HELLO_MS:
            return self.close(Close.NOT_SIGNED_IN, "No hello arrived in time.")
        if self._expires_at_ms is not None and now_ms >= self._expires_at_ms:
            return self.close(Close.NOT_SIGNED_IN, "The session has expired.")
        silent_ms = now_ms - self._alive_ms
        if silent_ms >= SILENCE_MS:
            return self.close(Close.TOO_SLOW, "Nothing arrived for a minute.")
        if silent_ms >= PEER_PING_MS and not self._pinged:
            self._pinged = True
            return (PingPeer(),)
        return ()

    def close(self, code: Close, reason: str) -> Sequence[Action]:
        """Closes the connection, once."""
        if self.phase is Phase.CLOSED:
            return ()
        self.phase = Phase.CLOSED
        self._held = None
        return (CloseConnection(code, reason),)

    def connection_lost(self) -> None:
        """The transport is closed."""
        self.phase = Phase.CLOSED
        self._held = None

    def _early(self, frame: ClientFrame) -> Sequence[Action]:
        if self.phase is Phase.GREETING:
            if not isinstance(frame, frames.Hello):
                return self.close(Close.PROTOCOL_ERROR, "The first frame is hello.")
            self.phase = Phase.IDENTIFYING
            return (Identify(frame),)
        if self._held is None:
            self._held = []
        if len(self._held) >= MAX_HELD:
            return self.close(Close.TOO_FAST, "Too many frames before the welcome.")
        self._held.append(frame)
        return ()

    def _request(self, frame: ClientFrame, now_ms: int) -> Sequence[Action]:
        if isinstance(frame, frames.Hello):
            return (SendRefusal(error(Code.INVALID, "A hello was sent already.")),)
        if isinstance(frame, frames.Send | frames.Note):
            refused = self._message_refused(frame, now_ms)
            if refused is not None:
                return refused
        if self._pending >= MAX_PENDING:
            return self._too_fast(frame, 1000, now_ms)
        self._pending += 1
        return (HandleFrame(frame),)

    def _message_refused(self, frame: frames.Send | frames.Note, now_ms: int) -> Sequence[Action] | None:
        fault = text_fault(frame.text)
        if fault is not None:
            return (SendRefusal(Nack(frame.client_id, fault.code, fault.message, None)),)
        wait_ms = take_from_all(self._messages, now_ms)
        return self._too_fast(frame, wait_ms, now_ms) if wait_ms else None

    def _bad(self, bad: BadFrame) -> Sequence[Action]:
        if self.phase is Phase.GREETING:
            return self.close(Close.PROTOCOL_ERROR, "The first frame is a well-formed hello.")
        if bad.client_id is not None:
            return (SendRefusal(Nack(bad.client_id, bad.code, bad.message, None)),)
        return (SendRefusal(error(bad.code, bad.message, bad.ref)),)

    def _too_fast(self, frame: ClientFrame | BadFrame, wait_ms: int, now_ms: int) -> Sequence[Action]:
        """Refuses with the reason and the wait (requirement I-26).

        A client that repeats frames before their time is closed with 4429 (too fast); one that waits never is.
        """
        client_id = getattr(frame, "client_id", None)
        key = client_id or getattr(frame, "ref", None) or type(frame).__name__
        if self._comes_too_early(key, wait_ms, now_ms) and self._refusals.take(now_ms):
            return self.close(Close.TOO_FAST, f"Too many frames; come back in {wait_ms} ms.")
        message = f"Too many frames in a short time; try again in {wait_ms} ms."
        if client_id is not None:
            return (SendRefusal(Nack(client_id, Code.TOO_FAST, message, wait_ms)),)
        return (SendRefusal(error(Code.TOO_FAST, message, getattr(frame, "ref", None), wait_ms)),)

    def _comes_too_early(self, key: str, wait_ms: int, now_ms: int) -> bool:
        """Whether this frame was refused before and repeated within the wait, or too many refused frames wait already."""
        waits = {} if self._retry_at_ms is None else self._retry_at_ms
        if len(waits) >= MAX_PENDING:
            waits = {other: at_ms for other, at_ms in waits.items() if at_ms > now_ms}
        self._retry_at_ms = waits
        if now_ms < waits.get(key, 0) or (key not in waits and len(waits) >= MAX_PENDING):
            return True
        waits[key] = now_ms + wait_ms
        return False
