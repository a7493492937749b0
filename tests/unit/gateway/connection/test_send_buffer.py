"""The send buffer: what is dropped for a client that reads slowly."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.connection import send_buffer
from services.gateway.connection.send_buffer import BufferedFrame, SendBuffer


def stale(conversation: str, head: int) -> bytes:
    return f"stale {conversation} {head}".encode()


def test_ephemeral_frames_are_dropped_first() -> None:
    buffer = SendBuffer(stale)
    for number in range(send_buffer.MAX_FRAMES):
        assert buffer.add(BufferedFrame(b"typing" if number % 2 else b"ack", ephemeral=number % 2 == 1))
    assert buffer.add(BufferedFrame(b"ack"))
    frames = buffer.take_all()
    assert set(frames) == {b"ack"}
    assert len(frames) == send_buffer.MAX_FRAMES // 2 + 1
    assert buffer.dropped == send_buffer.MAX_FRAMES // 2


def test_then_the_conversation_with_most_entries_becomes_one_stale() -> None:
    buffer = SendBuffer(stale)
    buffer.add(BufferedFrame(b"ack"))
    buffer.add(BufferedFrame(b"small", "small", 7))
    for seq in range(1, send_buffer.MAX_FRAMES):
        assert buffer.add(BufferedFrame(b"entry", "large", seq))
    assert buffer.take_all() == [b"ack", b"small", stale("large", send_buffer.MAX_FRAMES - 1)]


def test_acknowledgements_are_never_dropped_and_exceed_the_bound() -> None:
    buffer = SendBuffer(stale)
    taken = [buffer.add(BufferedFrame(b"ack")) for _ in range(send_buffer.MAX_FRAMES + 1)]
    assert taken == [True] * send_buffer.MAX_FRAMES + [False]
    assert not SendBuffer(stale).add(BufferedFrame(b"x" * (send_buffer.MAX_BYTES + 1)))


ITEMS = st.tuples(st.sampled_from([None, "a", "b"]), st.booleans(), st.sampled_from([10, 30_000]))


@given(st.lists(ITEMS, min_size=1, max_size=900))
def test_the_buffer_is_bounded_and_every_conversation_ends_at_its_head(
    items: list[tuple[str | None, bool, int]],
) -> None:
    buffer = SendBuffer(stale)
    heads: dict[str, int] = {}
    required = 0
    for seq, (conversation, ephemeral, size) in enumerate(items, 1):
        lost = ephemeral and conversation is None
        item = BufferedFrame(f"{conversation} {seq} ".encode() + b"." * size, conversation, seq, lost)
        if not buffer.add(item):
            return
        if conversation is not None:
            heads[conversation] = seq
        elif not lost:
            required += 1
        assert len(buffer) <= send_buffer.MAX_FRAMES
    frames = buffer.take_all()
    assert sum(map(len, frames)) <= send_buffer.MAX_BYTES
    assert sum(frame.startswith(b"None") for frame in frames) >= required
    for conversation, head in heads.items():
        mine = [frame for frame in frames if conversation.encode() in frame.split()[:2]]
        assert str(head).encode() in mine[-1].split()[:3]
