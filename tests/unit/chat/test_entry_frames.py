"""Both ways to encode an entry for browsers give the same bytes."""

from hypothesis import given
from hypothesis import strategies as st

from kit.entry_json import encoder, entry_json
from services.chat.domain.log import Entry, Person
from services.chat.proto_mapping import entry_frame, entry_pb

PEOPLE = st.builds(
    Person, kind=st.sampled_from(["visitor", "agent", "system"]), id=st.text(max_size=5), name=st.text(max_size=5)
)
ENTRIES = st.builds(
    Entry,
    site=st.just("demo"),
    conversation_id=st.text("0123456789abcdef", min_size=1, max_size=32),
    seq=st.integers(1, 999_999_999),
    kind=st.sampled_from(["opened", "message", "note", "assigned", "closed", "rated"]),
    author=PEOPLE,
    at_ms=st.integers(0, 4_000_000_000_000),
    client_id=st.text(max_size=5),
    text=st.text(max_size=20),
    agent=st.none() | PEOPLE,
    started_by=st.sampled_from(["", "visitor", "agent"]),
    visitor=st.none() | PEOPLE,
)


@given(ENTRIES, st.integers(1, 2**53 - 1))
def test_entry_frame_equals_the_json_of_the_protobuf_entry(entry: Entry, epoch: int) -> None:
    assert entry_frame(entry, epoch) == encoder.encode(entry_json(entry_pb(entry, epoch)))
