import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.batching import Batcher
from kit.codes import Code, Refused
from tests.support.eventually import eventually

Send = Callable[[Sequence[Any]], Awaitable[Sequence[object]]]


class Recorder:
    """A `send` that keeps the batches and answers each item with itself, when `gate` is open."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.busy = 0

    async def __call__(self, items: Sequence[object]) -> Sequence[object]:
        self.busy += 1
        assert self.busy == 1, "two calls in flight"
        self.batches.append(list(items))
        try:
            await self.gate.wait()
        finally:
            self.busy -= 1
        return list(items)


@asynccontextmanager
async def running(send: Send, **options: Any) -> AsyncIterator[Batcher[object, object]]:
    batcher: Batcher[object, object] = Batcher(send, **{"timeout_s": 5.0, **options})
    task = asyncio.create_task(batcher.run())
    try:
        yield batcher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_lone_item_is_sent_at_once() -> None:
    recorder = Recorder()
    async with running(recorder) as batcher:
        # No other item, no clock: one that waited for more would never come back.
        assert await batcher.submit("a") == "a"
        assert await batcher.submit("b") == "b"
    assert recorder.batches == [["a"], ["b"]]


async def test_what_comes_while_a_call_is_in_flight_goes_together() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with running(recorder, cap=4) as batcher:
        answers = [asyncio.create_task(batcher.submit(n)) for n in range(1)]
        await eventually(lambda: recorder.batches)
        answers += [asyncio.create_task(batcher.submit(n)) for n in range(1, 7)]
        await eventually(lambda: len(batcher) == 6)
        recorder.gate.set()
        assert await asyncio.gather(*answers) == list(range(7))
    assert recorder.batches == [[0], [1, 2, 3, 4], [5, 6]]


@given(keys=st.lists(st.sampled_from(["a", "b", "c", None]), max_size=40), cap=st.integers(1, 8))
def test_items_of_one_key_keep_their_order_and_never_share_a_batch(keys: list[str | None], cap: int) -> None:
    async def scenario() -> None:
        recorder = Recorder()
        async with running(recorder, cap=cap) as batcher:
            submissions = (batcher.submit((key, n), key) for n, key in enumerate(keys))
            assert await asyncio.gather(*submissions) == [(key, n) for n, key in enumerate(keys)]
        sent = [item for batch in recorder.batches for item in batch]
        assert sorted(sent, key=lambda item: item[1]) == [(key, n) for n, key in enumerate(keys)]
        for wanted in ("a", "b", "c"):
            numbers = [n for key, n in sent if key == wanted]
            assert numbers == sorted(numbers)
        for batch in recorder.batches:
            named = [key for key, _ in batch if key is not None]
            assert len(named) == len(set(named))
            assert len(batch) <= cap

    asyncio.run(scenario())


async def test_an_item_that_was_given_up_is_not_sent_and_does_not_hold_its_key() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with running(recorder) as batcher:
        first = asyncio.create_task(batcher.submit("first", "k"))
        await eventually(lambda: recorder.batches)
        second, third = (asyncio.create_task(batcher.submit(item, "k")) for item in ("second", "third"))
        await eventually(lambda: len(batcher) == 2)
        second.cancel()
        recorder.gate.set()
        assert (await first, await third) == ("first", "third")
    assert recorder.batches == [["first"], ["third"]]


async def test_a_cancelled_item_of_a_running_batch_does_not_affect_others() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with running(recorder) as batcher:
        first = asyncio.create_task(batcher.submit("first"))
        await eventually(lambda: recorder.batches)
        first.cancel()
        recorder.gate.set()
        assert await batcher.submit("second") == "second"


async def test_each_item_gets_its_own_error() -> None:
    async def send(items: Sequence[int]) -> Sequence[int | Exception]:
        return [item if item % 2 else Refused(Code.CLOSED, f"{item}") for item in items]

    async with running(send) as batcher:
        answers = await asyncio.gather(*(batcher.submit(n) for n in range(4)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["closed: 0", "1", "closed: 2", "3"]


@pytest.mark.parametrize("wrong", [[], ["one", "too", "many"]])
async def test_a_wrong_number_of_results_fails_the_batch_and_not_the_loop(wrong: list[str]) -> None:
    answers = [wrong, ["good"]]

    async def send(_: Sequence[str]) -> Sequence[str]:
        return answers.pop(0)

    async with running(send) as batcher:
        with pytest.raises(RuntimeError, match="results for 1 items"):
            await batcher.submit("a")
        assert await batcher.submit("b") == "good"


async def test_a_failing_call_fails_its_batch_and_not_the_next() -> None:
    failures: list[BaseException] = [OSError("gone"), asyncio.CancelledError()]

    async def send(items: Sequence[str]) -> Sequence[str]:
        if failures:
            raise failures.pop(0)
        return items

    async with running(send) as batcher:
        with pytest.raises(OSError, match="gone"):
            await batcher.submit("a")
        # A cancellation from below, such as that of a closed channel, is a failure like any other.
        with pytest.raises(Refused, match="retry"):
            await batcher.submit("b")
        assert await batcher.submit("c") == "c"


async def test_a_call_that_hangs_ends_at_the_deadline() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with running(recorder, timeout_s=0.01) as batcher:
        with pytest.raises(TimeoutError):
            await batcher.submit("a")
        recorder.gate.set()
        assert await batcher.submit("b") == "b"


async def test_past_the_bound_items_are_refused_at_once() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with running(recorder, bound=2) as batcher:
        waiting = [asyncio.create_task(batcher.submit("in flight"))]
        await eventually(lambda: recorder.batches)
        waiting += [asyncio.create_task(batcher.submit(n)) for n in range(2)]
        await eventually(lambda: len(batcher) == 2)
        with pytest.raises(Refused) as refused:
            await batcher.submit("too many")
        assert (refused.value.code, refused.value.retry_ms) == (Code.OVERLOADED, 1000)
        recorder.gate.set()
        await asyncio.gather(*waiting)


async def test_waiting_and_later_items_are_refused_when_it_stops() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with running(recorder) as batcher:
        in_flight = asyncio.create_task(batcher.submit("in flight", "k"))
        await eventually(lambda: recorder.batches)
        behind = asyncio.create_task(batcher.submit("behind", "k"))
        await eventually(lambda: len(batcher) == 1)
    with pytest.raises(Refused, match="retry"):
        await in_flight
    with pytest.raises(Refused, match="unavailable"):
        await behind
    with pytest.raises(Refused, match="unavailable"):
        await batcher.submit("late")


async def test_the_callback_of_a_future_runs_once_and_before_the_next_batch_is_sent() -> None:
    happened: list[object] = []

    async def send(items: Sequence[object]) -> Sequence[object]:
        happened.append(("sent", list(items)))
        return [item if item != "bad" else Refused(Code.CLOSED, "bad") for item in items]

    def record(item: str, future: asyncio.Future[object]) -> None:
        happened.append((item, str(future.exception() or future.result())))

    async with running(send, cap=2) as batcher:
        for item in ("a", "bad", "c"):
            batcher.submit_nowait(item).add_done_callback(partial(record, item))
        await eventually(lambda: len(happened) == 5)
    assert happened == [
        ("sent", ["a", "bad"]),
        ("a", "a"),
        ("bad", "closed: bad"),
        ("sent", ["c"]),
        ("c", "c"),
    ]


async def test_an_item_whose_future_is_cancelled_while_it_waits_is_not_sent() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with running(recorder) as batcher:
        first = batcher.submit_nowait("a")
        await eventually(lambda: recorder.batches)
        second, third = batcher.submit_nowait("b"), batcher.submit_nowait("c")
        second.cancel()
        recorder.gate.set()
        assert (await first, await third) == ("a", "c")
    assert recorder.batches == [["a"], ["c"]]
