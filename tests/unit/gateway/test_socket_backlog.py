"""What is given up for a peer that reads slowly."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain import backlog
from services.gateway.domain.backlog import Backlog, Waiting


def stale(conversation: str, head: int) -> bytes:
    return f"stale {conversation} {head}".encode()


def test_ephemeral_frames_go_first() -> None:
    waiting = Backlog(stale)
    for number in range(backlog.MOST_FRAMES):
        assert waiting.add(Waiting(b"typing" if number % 2 else b"ack", ephemeral=number % 2 == 1))
    assert waiting.add(Waiting(b"ack"))
    frames = waiting.take_all()
    assert set(frames) == {b"ack"}
    assert len(frames) == backlog.MOST_FRAMES // 2 + 1
    assert waiting.dropped == backlog.MOST_FRAMES // 2


def test_then_the_fullest_conversation_becomes_one_stale() -> None:
    waiting = Backlog(stale)
    waiting.add(Waiting(b"ack"))
    waiting.add(Waiting(b"small", "small", 7))
    for seq in range(1, backlog.MOST_FRAMES):
        assert waiting.add(Waiting(b"entry", "large", seq))
    assert waiting.take_all() == [b"ack", b"small", stale("large", backlog.MOST_FRAMES - 1)]


def test_what_must_arrive_is_never_dropped_but_ends_in_giving_up() -> None:
    waiting = Backlog(stale)
    taken = [waiting.add(Waiting(b"ack")) for _ in range(backlog.MOST_FRAMES + 1)]
    assert taken == [True] * backlog.MOST_FRAMES + [False]
    assert not Backlog(stale).add(Waiting(b"x" * (backlog.MOST_BYTES + 1)))


ITEMS = st.tuples(st.sampled_from([None, "a", "b"]), st.booleans(), st.sampled_from([10, 30_000]))


@given(st.lists(ITEMS, min_size=1, max_size=900))
def test_it_is_bounded_and_every_conversation_ends_at_its_head(items: list[tuple[str | None, bool, int]]) -> None:
    waiting = Backlog(stale)
    heads: dict[str, int] = {}
    musts = 0
    for seq, (conversation, ephemeral, size) in enumerate(items, 1):
        lost = ephemeral and conversation is None
        item = Waiting(f"{conversation} {seq} ".encode() + b"." * size, conversation, seq, lost)
        if not waiting.add(item):
            return
        if conversation is not None:
            heads[conversation] = seq
        elif not lost:
            musts += 1
        assert len(waiting) <= backlog.MOST_FRAMES
    frames = waiting.take_all()
    assert sum(map(len, frames)) <= backlog.MOST_BYTES
    assert sum(frame.startswith(b"None") for frame in frames) >= musts
    for conversation, head in heads.items():
        mine = [frame for frame in frames if conversation.encode() in frame.split()[:2]]
        assert str(head).encode() in mine[-1].split()[:3]
