"""Redaction in the live fan-out: a visitor never receives a note (requirement I-20)."""

import pytest
from palique.chat.v1.chat_pb2 import Entry, Person
from palique.chat.v1.live_pb2 import LiveEntry

from kit.entry_json import entry_json
from services.gateway.connection.frame_codec import encode
from tests.unit.gateway.fanout.live_connections import SITE, Connections

SECRET = "The customer asked twice."


def live_entry(seq: int, kind: str, text: str) -> LiveEntry:
    """An entry of Ana in Vera's conversation, as chat publishes it."""
    author = Person(kind="agent", id="ana", name="Ana")
    entry = Entry(conversation="c", epoch=1, seq=seq, kind=kind, author=author, text=text, client_id=f"id {seq}")
    if kind == "requeued":
        entry.reason = SECRET
    if kind == "transferred":
        entry.note = SECRET
    frame = encode(entry_json(entry))
    return LiveEntry(
        site=SITE, conversation="c", epoch=1, seq=seq, kind=kind, visitor="vera", assignee="ana", frame=frame
    )


@pytest.mark.parametrize("batch", [1, 3], ids=["one by one", "as one run"])
def test_a_note_is_delivered_to_agents_whole_and_to_visitors_as_hidden(batch: int) -> None:
    """Requirement I-20: of a note, a visitor gets its place in the log and nothing else."""
    connections = Connections()
    vera, ana = connections.visitor("vera"), connections.agent("ana")
    entries = [live_entry(1, "message", "Hello"), live_entry(2, "note", SECRET), live_entry(3, "message", "Bye")]
    for start in range(0, len(entries), batch):
        connections.hub.deliver(entries[start : start + batch])

    assert [frame.get("text") for frame in ana.frames] == ["Hello", SECRET, "Bye"]
    assert vera.frames[1] == {"type": "entry", "conversation": "c", "epoch": 1, "seq": 2, "kind": "hidden"}
    assert [frame.get("text") for frame in vera.frames] == ["Hello", None, "Bye"]
    assert SECRET.encode() not in vera.raw


@pytest.mark.parametrize("batch", [1, 4], ids=["one by one", "as one run"])
def test_entries_of_routing_are_delivered_to_visitors_without_what_is_for_agents(batch: int) -> None:
    connections = Connections()
    vera, ana = connections.visitor("vera"), connections.agent("ana")
    kinds = ("offered", "requeued", "transferred", "prioritised")
    entries = [live_entry(seq, kind, "") for seq, kind in enumerate(kinds, 1)]
    for start in range(0, len(entries), batch):
        connections.hub.deliver(entries[start : start + batch])

    assert [frame["kind"] for frame in ana.frames] == list(kinds)
    assert [frame["kind"] for frame in vera.frames] == ["hidden", "requeued", "transferred", "hidden"]
    assert ["author" in frame for frame in vera.frames] == [False, False, True, False]
    assert (ana.raw.count(SECRET.encode()), vera.raw.count(SECRET.encode())) == (2, 0)
