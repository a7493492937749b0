"""The contract of live messages: what is refused before it reaches a browser, and what is not."""

import msgspec
import pytest
from palique.chat.v1.chat_pb2 import Conversation, Person
from palique.chat.v1.live_pb2 import LiveBatch, LiveEntry, LiveRead
from palique.gateway.v1.live_pb2 import Typing

from kit.bus.contract import InvalidMessage
from kit.entry_json import AuthorJson, EntryJson
from services.gateway.fanout.live_contract import hint_batch, typing_notice

FRAME = EntryJson("c", 1, 1, "message", AuthorJson("visitor", "v", "Vera"), "1", "Hello", "2026-01-01T00:00:00.000Z")


def frame(**changes: object) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(FRAME, **changes))


def batch(data: bytes, *, publisher: str = "chat", number: int = 1, state: Conversation | None = None) -> bytes:
    entry = LiveEntry(site="demo", conversation="c", epoch=1, seq=1, kind="message", frame=data, state=state)
    return LiveBatch(publisher=publisher, number=number, entries=[entry]).SerializeToString()


def state(**changes: object) -> Conversation:
    usual = {"site": "demo", "conversation": "c", "status": "waiting", "started_at_ms": 1}
    return Conversation(**{**usual, **changes})  # type: ignore[arg-type]


INVALID: dict[str, bytes] = {
    "no message": b"\xff",
    "no publisher": batch(frame(), publisher=""),
    "no number": batch(frame(), number=0),
    "no JSON": batch(b"{"),
    "no entry": batch(b"[]"),
    "bad UTF-8 in an unknown field": batch(frame()[:-1] + b',"x":"\xff"}'),
    "depth in an unknown field": batch(frame()[:-1] + b',"x":' + b"[" * 900 + b"]" * 900 + b"}"),
    "more depth than the decoder takes": batch(frame()[:-1] + b',"x":' + b"[" * 9000 + b"]" * 9000 + b"}"),
    "another entry": batch(frame(seq=2)),
    "another conversation": batch(frame(conversation="d")),
    "a NUL in the text": batch(frame(text="a\0b")),
    "a NUL in a note": batch(frame(note="\0")),
    "a NUL in a reason": batch(frame(reason="\0")),
    "a NUL in the name of the next agent": batch(frame(to_agent=AuthorJson("agent", "a", "\0"))),
    "a NUL in a name": batch(frame(author=AuthorJson("visitor", "v", "\0"))),
    "an unknown status": batch(frame(), state=state(status="nope")),
    "a time that no calendar has": batch(frame(), state=state(started_at_ms=2**63 - 1)),
    "a state of another site": batch(frame(), state=state(site="other")),
    "a NUL in the preview": batch(frame(), state=state(preview="\0")),
    "a NUL in the last line": batch(frame(), state=state(last_line="\0")),
    "a wait since a time that no calendar has": batch(frame(), state=state(unanswered_since_ms=2**63 - 1)),
    "a newest entry at a time that no calendar has": batch(frame(), state=state(last_at_ms=2**63 - 1)),
    "a reader of no kind": LiveBatch(
        publisher="c", number=1, reads=[LiveRead(reader=Person(kind="x"))]
    ).SerializeToString(),
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID.keys())
def test_a_batch_of_hints_that_fits_no_contract_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidMessage) as refused:
        hint_batch(body, {"demo"})
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "body",
    [
        batch(frame(), state=state(ended_at_ms=2)),
        batch(frame(text="A visitor may write \\u0000 as six characters.")),
        batch(frame()[:-1] + b',"field_of_a_later_release":[1]}'),
        LiveBatch(publisher="chat", number=2**64 - 1).SerializeToString(),
    ],
)
def test_a_batch_within_the_contract_is_taken(body: bytes) -> None:
    assert hint_batch(body, {"demo"}).SerializeToString() == body


def test_entries_of_sites_without_connections_are_not_decoded() -> None:
    assert hint_batch(batch(b"{"), {"other"}).number == 1


@pytest.mark.parametrize("typing", [Typing(who_kind="robot"), Typing(who_kind="agent", who_name="\0")])
def test_a_typing_notice_names_a_person(typing: Typing) -> None:
    with pytest.raises(InvalidMessage):
        typing_notice(typing.SerializeToString())
