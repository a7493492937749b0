"""Hashes and verifies passwords with argon2id in one thread, with a short queue that callers share fairly.

An unknown e-mail address costs the same work as a wrong password, so that response times do not reveal accounts.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from kit.codes import Code, Refused

# Calls that run or wait. The last one waits for two to three seconds.
MAX_WAITING = 16
# Of one caller, so that at least four callers are served at once.
MAX_OF_CALLER = 4
RETRY_MS = 2000


# 64 MiB, as RFC 9106 proposes together with 3 passes.
MEMORY_KIB = 65_536


def password_hasher(memory_kib: int = MEMORY_KIB) -> PasswordHasher:
    """Three passes, and one lane, because each lane is a thread."""
    return PasswordHasher(time_cost=3, memory_cost=memory_kib, parallelism=1)


class Passwords:
    """Hashes and verifies in a thread of its own; `close` ends it.

    One thread takes one core, which leaves the other one of a small container to the event loop. Agents sign in once in two
    weeks, so six sign-ins a second are enough.
    """

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._decoy = hasher.hash("decoy")
        self._in_hand: Counter[str] = Counter()

    def __len__(self) -> int:
        """Calls that run or wait."""
        return self._in_hand.total()

    @contextmanager
    def slot(self, caller: str) -> Iterator["Hashing"]:
        """A place in the queue. `caller` is the client's network, or the agent.

        Refuses a caller that holds MAX_OF_CALLER places (too_fast), and all callers while the queue is full (overloaded).
        """
        if self._in_hand[caller] >= MAX_OF_CALLER:
            raise Refused(Code.TOO_FAST, "Too many sign-ins at once from here; try again in a moment.", RETRY_MS)
        if len(self) >= MAX_WAITING:
            raise Refused(Code.OVERLOADED, "Too many sign-ins at once; try again in a moment.", RETRY_MS)
        self._in_hand[caller] += 1
        try:
            yield Hashing(self._hasher, self._thread, self._decoy)
        finally:
            self._in_hand[caller] -= 1
            self._in_hand += Counter()  # forgets callers without a place

    def close(self) -> None:
        """Cancels waiting calls; does not wait for a running one."""
        self._thread.shutdown(wait=False, cancel_futures=True)


class Hashing:
    """The work of one slot, one call after the other."""

    def __init__(self, hasher: PasswordHasher, thread: ThreadPoolExecutor, decoy: str) -> None:
        self._hasher = hasher
        self._thread = thread
        self._decoy = decoy

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._hasher.hash, password)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """True for the password of the hash; for None, False after the same work."""
        loop = asyncio.get_running_loop()
        verified = await loop.run_in_executor(
            self._thread, self._verify, self._decoy if password_hash is None else password_hash, password
        )
        return verified and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """True for a hash of other parameters than new ones have."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            with _one_core(extract_parameters(password_hash).parallelism):
                return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


@contextmanager
def _one_core(lanes: int) -> Iterator[None]:
    """Keeps a hash of several lanes, as earlier versions made, on one core: the threads of its lanes inherit the mask.

    It then takes as long as a hash of one lane, so that the time does not reveal it.
    """
    if lanes == 1 or sys.platform != "linux":
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
