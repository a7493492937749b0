"""What many ask for at once is done in order, a few in a turn of the loop."""

import asyncio
from functools import partial

from services.gateway.overload.loop_slices import LoopSlicer

IN_ONE = 5


async def test_a_crowd_does_not_take_the_loop() -> None:
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


async def test_what_comes_meanwhile_has_its_turn() -> None:
    turns, done = LoopSlicer(IN_ONE), list[str]()

    def first() -> None:
        done.append("first")
        turns.add(partial(done.append, "second"))

    turns.add(first)
    for _ in range(3):
        await asyncio.sleep(0)
    assert done == ["first", "second"]
