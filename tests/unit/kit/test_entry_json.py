import msgspec
from palique.chat.v1 import chat_pb2

from kit.entry_json import HIDDEN_FROM_VISITORS, encoder, entry_json, hidden_entry, visitor_frame

VISITOR = chat_pb2.Person(kind="visitor", id="v1", name="Vera")
ANA = chat_pb2.Person(kind="agent", id="ana", name="Ana")


def shown(entry: chat_pb2.Entry) -> object:
    return msgspec.json.decode(encoder.encode(entry_json(entry)))


def test_a_message_has_the_fields_of_the_contract() -> None:
    entry = chat_pb2.Entry(
        conversation="c", epoch=1, seq=2, kind="message", author=VISITOR, client_id="u", text="hi", at_ms=1767225600123
    )
    assert shown(entry) == {
        "type": "entry",
        "conversation": "c",
        "epoch": 1,
        "seq": 2,
        "kind": "message",
        "author": {"kind": "visitor", "id": "v1", "name": "Vera"},
        "client_id": "u",
        "text": "hi",
        "at": "2026-01-01T00:00:00.123Z",
    }


def test_other_kinds_have_what_is_theirs_and_no_text() -> None:
    opened = chat_pb2.Entry(
        conversation="c", epoch=1, seq=1, kind="opened", author=VISITOR, started_by="visitor", text="x"
    )
    assert shown(opened) == {
        "type": "entry",
        "conversation": "c",
        "epoch": 1,
        "seq": 1,
        "kind": "opened",
        "author": {"kind": "visitor", "id": "v1", "name": "Vera"},
        "at": "1970-01-01T00:00:00.000Z",
        "started_by": "visitor",
    }
    assigned = chat_pb2.Entry(conversation="c", epoch=1, seq=2, kind="assigned", author=ANA, agent=ANA)
    agent = msgspec.json.decode(encoder.encode(entry_json(assigned)))["agent"]
    assert (agent["id"], agent["name"]) == ("ana", "Ana")


def test_a_hidden_entry_is_its_place_and_nothing_else() -> None:
    """I-20, I-5."""
    assert {"note", "offered", "offer_ended", "prioritised"} == HIDDEN_FROM_VISITORS
    bare = {"type": "entry", "conversation": "c", "epoch": 1, "seq": 3, "kind": "hidden"}
    assert msgspec.json.decode(encoder.encode(hidden_entry("c", 1, 3))) == bare
    leaking = chat_pb2.Entry(conversation="c", epoch=1, seq=3, kind="hidden", author=ANA, text="he is rude", at_ms=5)
    assert shown(leaking) == bare


def test_an_offer_and_a_transfer_have_their_fields() -> None:
    entry = chat_pb2.Entry(
        conversation="c", epoch=1, seq=2, kind="offered", author=ANA, agent=ANA, until_ms=1767225600000, round=1
    )
    offered = msgspec.json.decode(encoder.encode(entry_json(entry)))
    assert (offered["agent"]["id"], offered["until"], offered["round"]) == ("ana", "2026-01-01T00:00:00.000Z", 1)
    entry = chat_pb2.Entry(
        conversation="c", epoch=1, seq=3, kind="transferred", author=ANA, to_department="sales", note="He is rude."
    )
    transferred = msgspec.json.decode(encoder.encode(entry_json(entry)))
    assert (transferred["to_department"], transferred["note"]) == ("sales", "He is rude.")
    lowest = chat_pb2.Entry(conversation="c", epoch=1, seq=4, kind="prioritised", author=ANA, priority=0)
    assert msgspec.json.decode(encoder.encode(entry_json(lowest)))["priority"] == 0


def test_visitors_get_a_transfer_without_the_note_and_of_the_way_back_to_the_queue_the_kind_alone() -> None:
    def for_visitors(entry: chat_pb2.Entry) -> object:
        return msgspec.json.decode(visitor_frame(entry.kind, encoder.encode(entry_json(entry))))

    place = {"type": "entry", "conversation": "c", "epoch": 1, "seq": 3}
    at = {"at": "1970-01-01T00:00:00.000Z"}
    ana = {"kind": "agent", "id": "ana", "name": "Ana"}
    entry = chat_pb2.Entry(conversation="c", epoch=1, seq=3, kind="requeued", author=ANA, agent=ANA, reason="released")
    assert for_visitors(entry) == place | {"kind": "requeued"} | at
    entry = chat_pb2.Entry(conversation="c", epoch=1, seq=3, kind="transferred", author=ANA, note="He is rude.")
    assert for_visitors(entry) == place | {"kind": "transferred", "author": ana} | at
    entry = chat_pb2.Entry(conversation="c", epoch=1, seq=3, kind="offered", author=ANA, agent=ANA, round=1)
    assert for_visitors(entry) == place | {"kind": "hidden"}
