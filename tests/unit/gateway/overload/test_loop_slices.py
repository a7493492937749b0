"""Calls run in order, a few in one event-loop iteration."""

import asyncio
from functools import partial

from services.gateway.overload.loop_slices import LoopSlicer

IN_ONE = 5


async def test_many_calls_do_not_block_the_loop() -> None:
    turns, done = LoopSlicer(IN_ONE), list[int]()
    for number in range(3 * IN_ONE):
        turns.add(partial(done.append, number))
    most, before = 0, 0
    while len(done) < 3 * IN_ONE:
        await asyncio.sleep(0)
        most, before = max(most, len(done) - before), len(done)
    assert done == list(range(3 * IN_ONE))
    assert most == IN_ONE
    assert not turns


async def test_a_call_added_by_a_call_runs_too() -> None:
    turns, done = LoopSlicer(IN_ONE), list[str]()

    def first() -> None:
        done.append("first")
        turns.add(partial(done.append, "second"))

    turns.add(first)
    for _ in range(3):
        await asyncio.sleep(0)
    assert done == ["first", "second"]
