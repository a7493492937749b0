"""The tests' own client keeps a log as the browsers' does: by the examples that both run, and over any interleaving (I-3, I-5)."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.json_object import JsonObject
from tests.support.log_copy import KEPT_AHEAD, Frame, LogCopy

EXAMPLES = json.loads((Path(__file__).parents[2] / "vectors" / "log_copy.json").read_text())["examples"]


def entry(epoch: int, seq: int) -> Frame:
    return {"epoch": epoch, "seq": seq, "kind": "message", "text": f"{epoch}.{seq}"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_examples_shared_with_the_browsers_client(example: JsonObject) -> None:
    copy = LogCopy(1)
    for frame in example["frames"]:
        if "reset" in frame:
            copy.reset(frame["reset"])
            continue
        first, last = frame["seqs"]
        for seq in range(first, last + 1):
            copy.apply(entry(frame["epoch"], seq))
    holds = example["holds"]
    ahead = holds["ahead"]
    kept = ahead if isinstance(ahead, list) else list(range(ahead["from"], ahead["to"] + 1))
    assert (copy.epoch, copy.last, sorted(copy.ahead)) == (holds["epoch"], holds["last"], kept)
    assert copy.texts == [f"{copy.epoch}.{seq}" for seq in range(1, copy.last + 1)]


FRAMES = st.one_of(
    st.tuples(st.just("entry"), st.integers(1, 2), st.integers(1, 12)),
    st.tuples(st.just("page"), st.integers(1, 2), st.integers(0, 12)),
    st.tuples(st.just("reset"), st.integers(1, 2), st.just(0)),
)


@given(st.lists(FRAMES, min_size=20, max_size=80), st.integers(1, 5), st.integers(1, 12))
def test_it_is_the_beginning_of_the_log_and_fetching_brings_the_rest(
    frames: list[tuple[str, int, int]], limit: int, head: int
) -> None:
    copy = LogCopy(1)
    for what, epoch, seq in frames:
        if what == "reset":
            copy.reset(epoch)
        for one in range(seq, seq + 1) if what == "entry" else range(seq + 1, min(seq + limit, head) + 1):
            before = copy.last
            asks = copy.apply(entry(epoch, one))
            assert asks == bool(copy.ahead) or epoch != copy.epoch or one <= before
        assert copy.texts == [f"{copy.epoch}.{place}" for place in range(1, copy.last + 1)]
        assert all(place > copy.last + 1 for place in copy.ahead)
        assert len(copy.ahead) <= KEPT_AHEAD
    while copy.last < head:
        for one in range(copy.last + 1, min(copy.last + limit, head) + 1):
            copy.apply(entry(copy.epoch, one))
    assert not [place for place in copy.ahead if place <= head]
