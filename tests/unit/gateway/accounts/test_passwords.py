"""Passwords: one thread of hashing, a short queue that callers share, and the same work for every answer."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters

from kit.codes import Code, Refused
from services.gateway.accounts.passwords import MAX_OF_CALLER, MAX_WAITING, Passwords, password_hasher

PASSWORD = "correct horse battery staple"


class Watching(PasswordHasher):
    """The library's hasher with little work; records how many verifications run at once, and on how many cores each may run."""

    def __init__(self, parallelism: int = 1) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=parallelism)
        self.most = 0
        self.cores: list[int] = []
        self._running = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
        self.cores.append(len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1)
        try:
            return super().verify(hash, password)
        finally:
            with self._lock:
                self._running -= 1


@pytest.fixture
def hasher() -> Watching:
    return Watching()


@pytest.fixture
def passwords(hasher: Watching) -> Iterator[Passwords]:
    made = Passwords(hasher)
    yield made
    made.close()


async def tries(passwords: Passwords, callers: list[str], kept: str) -> list[bool | Code]:
    """One verification each, all at once: its answer, or the code of its refusal."""

    async def attempt(caller: str) -> bool | Code:
        try:
            with passwords.slot(caller) as hashing:
                return await hashing.matches(PASSWORD, kept)
        except Refused as refused:
            return refused.code

    return await asyncio.gather(*map(attempt, callers))


async def test_one_caller_has_few_places_and_leaves_the_rest_to_others(passwords: Passwords, hasher: Watching) -> None:
    answers = await tries(passwords, ["a"] * 60 + ["b"], hasher.hash(PASSWORD))
    assert answers == [True] * MAX_OF_CALLER + [Code.TOO_FAST] * (60 - MAX_OF_CALLER) + [True]
    assert len(passwords) == 0


async def test_all_callers_together_are_bounded(passwords: Passwords, hasher: Watching) -> None:
    kept = hasher.hash(PASSWORD)
    answers = await tries(passwords, [str(number) for number in range(MAX_WAITING + 5)], kept)
    assert answers == [True] * MAX_WAITING + [Code.OVERLOADED] * 5
    assert await tries(passwords, ["a"], kept) == [True]


async def test_one_verification_runs_at_a_time(passwords: Passwords, hasher: Watching) -> None:
    await tries(passwords, [str(number) for number in range(MAX_WAITING)], hasher.hash(PASSWORD))
    assert hasher.most == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds threads to cores")
async def test_a_hash_of_several_lanes_keeps_to_one_core(passwords: Passwords, hasher: Watching) -> None:
    """Hashes of earlier versions have four lanes, each a thread."""
    assert await tries(passwords, ["a"], Watching(parallelism=4).hash(PASSWORD)) == [True]
    assert await tries(passwords, ["a"], hasher.hash(PASSWORD)) == [True]
    assert hasher.cores == [1, len(os.sched_getaffinity(0))]


def test_a_new_hash_takes_one_thread() -> None:
    found = extract_parameters(password_hasher().hash(PASSWORD))
    assert (found.memory_cost, found.time_cost, found.parallelism) == (65_536, 3, 1)


async def test_hashing_does_not_block_the_event_loop() -> None:
    """With the product's parameters, the loop runs many iterations during one verification."""
    passwords = Passwords(password_hasher())
    with passwords.slot("a") as hashing:
        kept = await hashing.hash(PASSWORD)
    events: list[str] = []

    async def verify() -> None:
        with passwords.slot("a") as hashing:
            assert await hashing.matches(PASSWORD, kept)
        events.append("verified")

    async with asyncio.TaskGroup() as group:
        group.create_task(verify())
        for _ in range(20):
            await asyncio.sleep(0)
            events.append("iteration")
    passwords.close()
    assert events == ["iteration"] * 20 + ["verified"]
