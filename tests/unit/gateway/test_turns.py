"""Those who leave at once are seen off in their order, a few in a turn of the loop."""

import asyncio
from functools import partial

from services.gateway.departing import A_TURN, Departures


async def test_a_crowd_does_not_take_the_loop() -> None:
    departures, gone = Departures(), list[int]()
    for number in range(3 * A_TURN):
        departures.add(partial(gone.append, number))
    most, before = 0, 0
    while len(gone) < 3 * A_TURN:
        await asyncio.sleep(0)
        most, before = max(most, len(gone) - before), len(gone)
    assert gone == list(range(3 * A_TURN))
    assert most == A_TURN
    assert not departures


async def test_who_leaves_meanwhile_has_their_turn() -> None:
    departures, gone = Departures(), list[str]()

    def first() -> None:
        gone.append("first")
        departures.add(partial(gone.append, "second"))

    departures.add(first)
    for _ in range(3):
        await asyncio.sleep(0)
    assert gone == ["first", "second"]
