"""The state machine of a connection."""

import json
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.codes import Close
from services.gateway.connection import frames, protocol
from services.gateway.connection.frame_codec import VISITOR_DECODER, encode
from services.gateway.connection.protocol import (
    Action,
    CloseConnection,
    ConnectionProtocol,
    HandleFrame,
    Identify,
    Phase,
    PingPeer,
    SendRefusal,
)
from services.gateway.connection.token_bucket import TokenBucket
from tests.support.json_object import JsonObject

START = 1_000_000


def frame(type_: str, **fields: object) -> bytes:
    return json.dumps({"type": type_, **fields}).encode()


def message(number: int = 1) -> bytes:
    return frame("send", client_id=f"c{number}", text="Hello")


def new_protocol() -> ConnectionProtocol:
    return ConnectionProtocol(VISITOR_DECODER, TokenBucket(50, 200), START)


def live(messages: TokenBucket | None = None, expires_at_ms: int | None = None) -> ConnectionProtocol:
    found = new_protocol()
    found.received(frame("hello", token="t"), START)
    found.identified((messages or TokenBucket(10, 30),), expires_at_ms)
    found.resumed(START)
    return found


def sent(actions: Sequence[Action]) -> list[JsonObject]:
    return [msgspec.json.decode(encode(action.frame)) for action in actions if isinstance(action, SendRefusal)]


def close_code(actions: Sequence[Action]) -> Close | None:
    return next((action.code for action in actions if isinstance(action, CloseConnection)), None)


def test_a_first_frame_other_than_hello_closes_the_connection() -> None:
    assert close_code(new_protocol().received(frame("ping"), START)) is Close.PROTOCOL_ERROR
    assert close_code(new_protocol().received(frame("hello", token=7), START)) is Close.PROTOCOL_ERROR
    (action,) = new_protocol().received(frame("hello", token="t"), START)
    assert action == Identify(frames.Hello(token="t"))


def test_a_connection_without_hello_is_closed_at_the_deadline() -> None:
    silent = new_protocol()
    assert silent.tick(START + protocol.HELLO_MS - 1) == ()
    assert close_code(silent.tick(START + protocol.HELLO_MS)) is Close.NOT_SIGNED_IN


def test_frames_before_the_welcome_are_handled_after_it() -> None:
    early = new_protocol()
    early.received(frame("hello", token="t"), START)
    assert early.received(message(1), START) == ()
    early.identified((TokenBucket(10, 30),), None)
    assert early.received(message(2), START) == ()
    actions = early.resumed(START)
    assert [action.frame.client_id for action in actions if isinstance(action, HandleFrame)] == ["c1", "c2"]  # type: ignore[attr-defined] # both are sends
    assert early.phase is Phase.LIVE


def test_too_many_frames_before_the_welcome_close_the_connection() -> None:
    early = new_protocol()
    early.received(frame("hello", token="t"), START)
    codes = {close_code(early.received(message(), START)) for _ in range(protocol.MAX_HELD + 1)}
    assert codes == {None, Close.TOO_FAST}


def test_too_many_messages_are_refused_with_the_time_to_wait() -> None:
    """Requirement I-26."""
    writer = live(TokenBucket(10, 3))
    for number in range(3):
        assert isinstance(writer.received(message(number), START)[0], HandleFrame)
        writer.request_done()
    (nack,) = sent(writer.received(message(4), START))
    assert (nack["type"], nack["client_id"], nack["code"]) == ("nack", "c4", "too_fast")
    assert isinstance(writer.received(message(4), START + nack["retry_ms"])[0], HandleFrame)


def test_a_client_that_ignores_refusals_is_closed() -> None:
    writer = live(TokenBucket(10, 3))
    codes = [close_code(writer.received(message(), START)) for _ in range(60)]
    assert codes.index(Close.TOO_FAST) >= 50
    assert writer.phase is Phase.CLOSED


def test_requests_in_progress_are_bounded() -> None:
    asker = live()
    kinds = [type(asker.received(frame("ping"), START)[0]) for _ in range(protocol.MAX_PENDING + 1)]
    assert kinds == [HandleFrame] * protocol.MAX_PENDING + [SendRefusal]
    asker.request_done()
    assert isinstance(asker.received(frame("ping"), START)[0], HandleFrame)


def test_broken_large_and_binary_frames_close_the_connection() -> None:
    assert close_code(live().received(b"{", START)) is Close.PROTOCOL_ERROR
    assert close_code(live().received(b"[]", START)) is Close.PROTOCOL_ERROR
    assert close_code(live().received_binary()) is Close.PROTOCOL_ERROR
    assert close_code(live().received(b" " * (frames.FRAME_LIMIT + 1), START)) is Close.TOO_LARGE
    assert close_code(live().received(b" " * frames.FRAME_LIMIT, START)) is Close.PROTOCOL_ERROR


def test_an_invalid_frame_is_answered_and_the_connection_stays_open() -> None:
    found = live()
    assert sent(found.received(frame("teleport"), START))[0]["code"] == "unknown_type"
    assert sent(found.received(frame("hello"), START))[0]["code"] == "invalid"
    (answer,) = sent(found.received(frame("send", client_id="a", text=7), START))
    assert (answer["type"], answer["client_id"], answer["retry_ms"]) == ("nack", "a", None)
    assert found.phase is Phase.LIVE


def test_a_silent_client_is_pinged_and_then_closed() -> None:
    """Requirement I-4: a browser with a sleeping page answers the ping; a dead connection does not."""
    found = live()
    assert found.tick(START + protocol.PEER_PING_MS - 1) == ()
    assert found.tick(START + protocol.PEER_PING_MS) == (PingPeer(),)
    assert found.tick(START + protocol.PEER_PING_MS + 1) == ()
    found.mark_alive(START + protocol.PEER_PING_MS + 2)
    assert found.tick(START + protocol.SILENCE_MS) == ()
    assert close_code(found.tick(START + protocol.PEER_PING_MS + 2 + protocol.SILENCE_MS)) is Close.TOO_SLOW


def test_an_expired_session_closes_the_connection() -> None:
    found = live(expires_at_ms=START + 10)
    assert found.tick(START + 9) == ()
    assert close_code(found.tick(START + 10)) is Close.NOT_SIGNED_IN


def test_a_bucket_holds_a_burst_and_fills_steadily() -> None:
    bucket = TokenBucket(2, 3)
    assert [bucket.take(START) for _ in range(4)] == [0, 0, 0, 500]
    assert bucket.take(START + 499) in (1, 2)
    assert bucket.take(START + 500) == 0
    assert bucket.take(START + 400) > 0  # a clock that steps back adds no tokens


INPUTS = st.sampled_from(
    [
        frame("hello", token="t"),
        message(),
        frame("send", client_id="a", text=""),
        frame("ping", cursors=[]),
        frame("fetch", ref="r", conversation="c", after=0),
        frame("read", conversation="c", seq=1),
        frame("page", url="u"),
        frame("teleport"),
        frame("send", text=7),
        b"{",
        b"",
        b" " * (frames.FRAME_LIMIT + 1),
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("received"), INPUTS),
        st.tuples(st.just("tick"), st.integers(0, 40_000)),
        st.tuples(st.sampled_from(["identified", "resumed", "binary", "closed", "done"]), st.none()),
    ),
    max_size=60,
)


def step(found: ConnectionProtocol, name: str, argument: Any, now: int) -> Sequence[Action]:
    match name:
        case "received":
            return found.received(argument, now)
        case "tick":
            return found.tick(now)
        case "identified":
            found.identified((TokenBucket(10, 30),), None)
        case "resumed":
            return found.resumed(now)
        case "binary":
            return found.received_binary()
        case "closed":
            found.connection_lost()
    return ()


@given(STEPS)
def test_no_sequence_of_inputs_raises_and_closed_is_final(steps: list[tuple[str, Any]]) -> None:
    found = new_protocol()
    now = START
    closes = pending = 0
    for name, argument in steps:
        before = found.phase
        now += argument if name == "tick" else 0
        if name == "done" and pending:
            pending -= 1
            found.request_done()
        actions = step(found, name, argument, now)
        performs = sum(isinstance(action, HandleFrame) for action in actions)
        pending += performs
        closes += sum(isinstance(action, CloseConnection) for action in actions)
        assert not (actions and before is Phase.CLOSED)
        assert found.phase is Phase.CLOSED or before is not Phase.CLOSED
        assert not performs or found.phase in (Phase.LIVE, Phase.CLOSED)
        assert pending <= protocol.MAX_PENDING
    assert closes <= 1


@given(st.integers(1, 45), st.sampled_from(["ping", "send"]), st.floats(0.5, 50), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_a_client_that_obeys_every_wait_is_never_closed(in_flight: int, type_: str, rate: float, burst: int) -> None:
    """The client sends `in_flight` frames at once, each again after the wait that its refusal names, and new ones after those accepted."""
    client = live(TokenBucket(rate, burst))
    client._frames = TokenBucket(rate, burst)  # noqa: SLF001
    due = [(START, number) for number in range(in_flight)]
    for _ in range(300):
        now_ms, number = heappop(due)
        data = message(number) if type_ == "send" else frame("fetch", ref=f"c{number}", conversation="c", after=0)
        actions = client.received(data, now_ms)
        assert close_code(actions) is None, f"closed after {now_ms - START} ms"
        if isinstance(actions[0], HandleFrame):
            client.request_done()
            heappush(due, (now_ms, number))
        else:
            (refusal,) = sent(actions)
            heappush(due, (now_ms + refusal["retry_ms"], number))
