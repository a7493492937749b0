"""Passwords: argon2id, off the event loop, and a sign-in that tells nothing but yes or no.

An unknown e-mail is verified against a hash of the same parameters, so that answer and work are those of a wrong password.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kit.codes import Code, Refused

# Each hash takes 64 MiB and a core for tens of milliseconds: more at once help nobody.
THREADS = 2
# Waiting ones beyond this would wait for seconds; the client is told to come back.
MAX_WAITING = 32
RETRY_MS = 2000


class Passwords:
    """Hashes and verifies in its own threads; `close` ends them."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._nobody = hasher.hash("nobody's password")
        self._waiting = 0

    def __len__(self) -> int:
        """Those in hand, and those that wait for them."""
        return self._waiting

    async def hash(self, password: str) -> str:
        """The text to keep; `overloaded` when too many wait."""
        with self._place():
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether it is the password of `kept`; with None, False after the same work. `overloaded` when too many wait."""
        with self._place():
            kept_or_nobody = self._nobody if kept is None else kept
            loop = asyncio.get_running_loop()
            same = await loop.run_in_executor(self._threads, self._verify, kept_or_nobody, password)
        return same and kept is not None

    def close(self) -> None:
        """Waits for nobody: what is running ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the places in the queue to the threads."""
        if self._waiting >= MAX_WAITING:
            raise Refused(Code.OVERLOADED, "Too many sign-ins at once.", RETRY_MS)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
