"""Hashes and verifies passwords with argon2id in threads.

An unknown e-mail address costs the same work as a wrong password, so that response times do not reveal accounts.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kit.codes import Code, Refused

# Each hash takes 64 MiB and a core for tens of milliseconds; more threads would not raise the throughput.
THREADS = 2
# More calls would wait for seconds; they are refused and may retry.
MAX_WAITING = 32
RETRY_MS = 2000


class Passwords:
    """Hashes and verifies in its own threads; `close` ends them."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._decoy = hasher.hash("decoy")
        self._waiting = 0

    def __len__(self) -> int:
        """Calls that run or wait."""
        return self._waiting

    async def hash(self, password: str) -> str:
        """The hash to store. Refuses when too many calls wait (overloaded)."""
        with self._slot():
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """True for the password of the hash; for None, False after the same work. Refuses when too many calls wait (overloaded)."""
        with self._slot():
            loop = asyncio.get_running_loop()
            verified = await loop.run_in_executor(
                self._threads, self._verify, self._decoy if password_hash is None else password_hash, password
            )
        return verified and password_hash is not None

    def close(self) -> None:
        """Cancels waiting calls; does not wait for running ones."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Takes one of MAX_WAITING slots."""
        if self._waiting >= MAX_WAITING:
            raise Refused(Code.OVERLOADED, "Too many sign-ins at once; try again in a moment.", RETRY_MS)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
