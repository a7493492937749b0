"""The life of one socket as a machine: frames and the clock in, actions out. No socket, no clock, no await.

    greeting --hello--> identifying --identified--> resuming --resumed--> live
        any --shut--> closed, which nothing leaves

What comes before `live` is held, bounded, and done in order once it is reached, so that a client need not wait for the
`welcome`. Every refusal has a stable code; only what is no frame at all, or a flood, ends the socket.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from kit.codes import Close, Code
from services.gateway.connection import frames
from services.gateway.connection.frame_codec import BadFrame, FrameDecoder, NotAFrame, error, text_fault
from services.gateway.connection.frames import ClientFrame, Nack, ServerFrame
from services.gateway.connection.token_bucket import TokenBucket

# The contract's own figure: a socket that does not say who it is costs memory for nothing.
HELLO_MS = 5000
# Clients ping every 20 s ± 20 %: two pings missed.
SILENCE_MS = 60_000
# A hidden tab's timers may sleep for a minute; its browser still answers a ping of the websocket.
PROBE_MS = 30_000
# A visitor's first frames after the hello; more would be a flood.
MAX_HELD = 32
# Refusals for going too fast before the socket is ended, and how fast they are forgiven, a second.
STRIKES, FORGIVEN = 50.0, 2.0
# Requests of one socket in flight at once.
MAX_PENDING = 64


class Phase(Enum):
    GREETING = "greeting"
    IDENTIFYING = "identifying"
    RESUMING = "resuming"
    LIVE = "live"
    CLOSED = "closed"


class Say(NamedTuple):
    """Send this frame."""

    frame: ServerFrame


class Shut(NamedTuple):
    """Close the socket."""

    code: Close
    reason: str


class Identify(NamedTuple):
    """Find out who this is, then tell `identified`, or shut it."""

    hello: frames.Hello


class Perform(NamedTuple):
    """Do what the frame asks; tell `done` afterwards."""

    frame: ClientFrame


class Probe(NamedTuple):
    """Ask the peer's websocket for a sign of life."""


Action = Say | Shut | Identify | Perform | Probe


class ConnectionProtocol:
    """One socket. Times are in milliseconds of any one clock."""

    __slots__ = (
        "_decoder",
        "_expires_at_ms",
        "_frames",
        "_heard_ms",
        "_held",
        "_messages",
        "_opened_ms",
        "_pending",
        "_probed",
        "_strikes",
        "phase",
    )

    def __init__(self, decoder: FrameDecoder, frames_allowed: TokenBucket, now_ms: int) -> None:
        self.phase = Phase.GREETING
        self._decoder = decoder
        self._frames = frames_allowed
        self._strikes = TokenBucket(FORGIVEN, STRIKES)
        self._messages: TokenBucket | None = None
        self._opened_ms = now_ms
        self._heard_ms = now_ms
        self._expires_at_ms: int | None = None
        self._held: list[ClientFrame] | None = None
        self._pending = 0
        self._probed = False

    def received(self, data: bytes, now_ms: int) -> Sequence[Action]:
        """A text frame came."""
        if self.phase is Phase.CLOSED:
            return ()
        self.heard(now_ms)
        if len(data) > frames.FRAME_LIMIT:
            return self.shut(Close.TOO_LARGE, f"A frame has at most {frames.FRAME_LIMIT} bytes.")
        try:
            frame = self._decoder.decode(data)
        except NotAFrame:
            return self.shut(Close.PROTOCOL_ERROR, "That was not a JSON object.")
        wait_ms = self._frames.take(now_ms)
        if wait_ms:
            return self._too_fast(frame, wait_ms, now_ms)
        if isinstance(frame, BadFrame):
            return self._bad(frame)
        if self.phase is Phase.LIVE:
            return self._request(frame, now_ms)
        return self._early(frame)

    def received_binary(self) -> Sequence[Action]:
        """A binary frame came."""
        return self.shut(Close.PROTOCOL_ERROR, "Frames are text.")

    def heard(self, now_ms: int) -> None:
        """Any sign of life."""
        self._heard_ms = now_ms
        self._probed = False

    def identified(self, messages_allowed: TokenBucket, expires_at_ms: int | None) -> None:
        """It is known who this is; `messages_allowed` is shared by all sockets of the person."""
        if self.phase is Phase.IDENTIFYING:
            self.phase = Phase.RESUMING
            self._messages = messages_allowed
            self._expires_at_ms = expires_at_ms

    def resumed(self, now_ms: int) -> Sequence[Action]:
        """The welcome is out and the client has what it missed: what was held is done now."""
        if self.phase is not Phase.RESUMING:
            return ()
        self.phase = Phase.LIVE
        held, self._held = self._held or [], None
        return [action for frame in held for action in self._request(frame, now_ms)]

    def request_done(self) -> None:
        """What a `Perform` asked for is finished, whatever came of it."""
        self._pending -= 1

    def ticked(self, now_ms: int) -> Sequence[Action]:
        """Time passed; call about once a second."""
        if self.phase is Phase.CLOSED:
            return ()
        if self.phase is Phase.GREETING and now_ms - self._opened_ms >= HELLO_MS:
            return self.shut(Close.NOT_SIGNED_IN, "No hello came in time.")
        if self._expires_at_ms is not None and now_ms >= self._expires_at_ms:
            return self.shut(Close.NOT_SIGNED_IN, "The session has expired.")
        silent_ms = now_ms - self._heard_ms
        if silent_ms >= SILENCE_MS:
            return self.shut(Close.TOO_SLOW, "Nothing was heard for a minute.")
        if silent_ms >= PROBE_MS and not self._probed:
            self._probed = True
            return (Probe(),)
        return ()

    def shut(self, code: Close, reason: str) -> Sequence[Action]:
        """Ends it, once."""
        if self.phase is Phase.CLOSED:
            return ()
        self.phase = Phase.CLOSED
        self._held = None
        return (Shut(code, reason),)

    def closed(self) -> None:
        """The peer is gone."""
        self.phase = Phase.CLOSED
        self._held = None

    def _early(self, frame: ClientFrame) -> Sequence[Action]:
        if self.phase is Phase.GREETING:
            if not isinstance(frame, frames.Hello):
                return self.shut(Close.PROTOCOL_ERROR, "The first frame is hello.")
            self.phase = Phase.IDENTIFYING
            return (Identify(frame),)
        if self._held is None:
            self._held = []
        if len(self._held) >= MAX_HELD:
            return self.shut(Close.TOO_FAST, "Too much came before the welcome.")
        self._held.append(frame)
        return ()

    def _request(self, frame: ClientFrame, now_ms: int) -> Sequence[Action]:
        if isinstance(frame, frames.Hello):
            return (Say(error(Code.INVALID, "There was a hello already.")),)
        if isinstance(frame, frames.Send | frames.Note):
            refused = self._message_refused(frame, now_ms)
            if refused is not None:
                return refused
        if self._pending >= MAX_PENDING:
            return self._too_fast(frame, 1000, now_ms)
        self._pending += 1
        return (Perform(frame),)

    def _message_refused(self, frame: frames.Send | frames.Note, now_ms: int) -> Sequence[Action] | None:
        fault = text_fault(frame.text)
        if fault is not None:
            return (Say(Nack(frame.client_id, fault.code, fault.message, None)),)
        wait_ms = self._messages.take(now_ms) if self._messages is not None else 0
        return self._too_fast(frame, wait_ms, now_ms) if wait_ms else None

    def _bad(self, bad: BadFrame) -> Sequence[Action]:
        if self.phase is Phase.GREETING:
            return self.shut(Close.PROTOCOL_ERROR, "The first frame is a well-formed hello.")
        if bad.client_id is not None:
            return (Say(Nack(bad.client_id, bad.code, bad.message, None)),)
        return (Say(error(bad.code, bad.message, bad.ref)),)

    def _too_fast(self, frame: ClientFrame | BadFrame, wait_ms: int, now_ms: int) -> Sequence[Action]:
        """The person is told why and until when (I-26); who goes on regardless is cut off."""
        if self._strikes.take(now_ms):
            return self.shut(Close.TOO_FAST, f"Too many frames; come back in {wait_ms} ms.")
        message = f"Too many in a short time; try again in {wait_ms} ms."
        client_id = getattr(frame, "client_id", None)
        if client_id is not None:
            return (Say(Nack(client_id, Code.TOO_FAST, message, wait_ms)),)
        return (Say(error(Code.TOO_FAST, message, getattr(frame, "ref", None))),)
