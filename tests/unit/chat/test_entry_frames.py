"""All ways to encode an entry for browsers give the same bytes, for agents and for visitors."""

from hypothesis import given
from hypothesis import strategies as st

from kit.entry_json import encoder, entry_json, visitor_frame
from kit.vocabulary import ENTRY_KINDS
from services.chat.domain.log import Entry, Person
from services.chat.proto_mapping import entry_frame, entry_pb, entry_pb_for
from services.chat.store.documents import entry_document, entry_of
from tests.unit.chat.talks import VERA

PEOPLE = st.builds(
    Person, kind=st.sampled_from(["visitor", "agent", "system"]), id=st.text(max_size=5), name=st.text(max_size=5)
)
ENTRIES = st.builds(
    Entry,
    site=st.just("demo"),
    conversation_id=st.text("0123456789abcdef", min_size=1, max_size=32),
    seq=st.integers(1, 999_999_999),
    kind=st.sampled_from([*ENTRY_KINDS, "of_the_future"]),
    author=PEOPLE,
    at_ms=st.integers(0, 4_000_000_000_000),
    client_id=st.text(max_size=5),
    text=st.text(max_size=20),
    agent=st.none() | PEOPLE,
    started_by=st.sampled_from(["", "visitor", "agent"]),
    visitor=st.none() | PEOPLE,
    by=st.sampled_from(["", "accept", "take_over"]),
    reason=st.sampled_from(["", "released", "expired"]),
    until_ms=st.integers(0, 4_000_000_000_000),
    round=st.integers(0, 9),
    to_agent=st.none() | PEOPLE,
    to_department=st.sampled_from(["", "sales"]),
    note=st.text(max_size=20),
    priority=st.integers(0, 3),
)


@given(ENTRIES, st.integers(1, 2**53 - 1))
def test_entry_frame_equals_the_json_of_the_protobuf_entry(entry: Entry, epoch: int) -> None:
    assert entry_frame(entry, epoch) == encoder.encode(entry_json(entry_pb(entry, epoch)))


@given(ENTRIES, st.integers(1, 2**53 - 1))
def test_a_visitor_gets_the_same_entry_live_and_when_fetched(entry: Entry, epoch: int) -> None:
    fetched = encoder.encode(entry_json(entry_pb_for(VERA, entry, epoch)))
    assert visitor_frame(entry.kind, entry_frame(entry, epoch)) == fetched


@given(ENTRIES)
def test_every_field_of_an_entry_survives_a_round_trip_through_documents(entry: Entry) -> None:
    assert entry_of(entry_document(entry, outbox=True)) == entry
