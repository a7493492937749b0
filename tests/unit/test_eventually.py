"""A wait that fails says what it waited for and what came instead."""

import pytest

from tests.support.eventually import eventually


async def test_a_failed_wait_shows_its_sentence_and_the_values_that_it_read() -> None:
    taken = [b"other"]
    with pytest.raises(AssertionError) as failed:
        await eventually(lambda: taken == [b"wanted"], 0.01, sentence="the message is taken")
    assert "the message is taken" in str(failed.value)
    assert "taken = [b'other']" in str(failed.value)


async def test_without_a_sentence_the_source_of_the_condition_is_shown() -> None:
    taken = ["one"]
    with pytest.raises(AssertionError, match="lambda: not taken"):
        await eventually(lambda: not taken, 0.01)
