"""The queue of one site: after hints and snapshots in any order it equals the truth."""

from hypothesis import given
from hypothesis import strategies as st
from palique.chat.v1.chat_pb2 import Conversation

from services.gateway.connection.frame_codec import conversation_state
from services.gateway.fanout.waiting_queue import WaitingConversation, WaitingQueue


def offer(conversation: str, head: int = 1, started_at_ms: int = 0) -> WaitingConversation:
    state = conversation_state(Conversation(conversation=conversation))
    return WaitingConversation(conversation, f"visitor of {conversation}", started_at_ms, head, state)


def waiting(queue: WaitingQueue) -> list[str]:
    return [item.id for item in queue.ordered()]


def test_oldest_first_and_positions_from_one() -> None:
    """I-8."""
    queue = WaitingQueue()
    for conversation, at in (("b", 2), ("a", 3), ("c", 1)):
        assert queue.add(offer(conversation, started_at_ms=at))
    assert waiting(queue) == ["c", "b", "a"]
    assert queue.positions() == {"visitor of c": 1, "visitor of b": 2, "visitor of a": 3}


def test_a_late_hint_does_not_restore_a_removed_conversation() -> None:
    queue = WaitingQueue()
    assert not queue.remove("a", 3)
    assert not queue.add(offer("a", 1))
    assert waiting(queue) == []


def test_a_conversation_that_waits_again_is_back_in_its_place() -> None:
    queue = WaitingQueue()
    for conversation, at in (("a", 1), ("b", 2)):
        queue.add(offer(conversation, started_at_ms=at))
    assert queue.remove("a", 3)
    assert queue.add(offer("a", 4, started_at_ms=1))
    assert not queue.add(offer("a", 1, started_at_ms=1))
    assert waiting(queue) == ["a", "b"]


def test_a_snapshot_does_not_undo_hints_that_arrived_while_it_was_read() -> None:
    queue = WaitingQueue()
    queue.add(offer("old"))
    queue.begin_snapshot()
    queue.add(offer("new"))
    queue.remove("taken", 3)
    changed, gone = queue.apply_snapshot([offer("taken", 1), offer("unheard", 1)])
    assert changed
    assert gone == ["old"]
    assert waiting(queue) == ["new", "unheard"]
    queue.begin_snapshot()
    assert queue.apply_snapshot([offer("new"), offer("unheard")]) == (False, [])


@given(st.data())
def test_hints_in_any_order_with_a_snapshot_at_any_time(data: st.DataObject) -> None:
    """Each conversation waits at head 1 and is taken at head 3, or still waits. A snapshot reads the truth of its moment."""
    names = ["a", "b", "c"]
    taken = data.draw(st.sets(st.sampled_from(names)))
    hints = [(name, 1) for name in names] + [(name, 3) for name in taken]
    queue = WaitingQueue()
    heard = data.draw(st.permutations(hints))
    begin = data.draw(st.integers(0, len(heard)))
    end = data.draw(st.integers(begin, len(heard)))
    # A hint is sent after its write, so what was heard before the reading began is in what is read.
    written = {name for name, head in heard[:begin] if head == 3} | data.draw(
        st.sets(st.sampled_from(sorted(taken) or names))
    )
    read = [offer(name) for name in names if name not in (written & taken)]
    for position, (name, head) in enumerate([*heard, ("", 0)]):
        if position == begin:
            queue.begin_snapshot()
        if position == end:
            queue.apply_snapshot(read)
        if name and head == 1:
            queue.add(offer(name))
        elif name:
            queue.remove(name, head)
    assert set(waiting(queue)) == set(names) - taken
