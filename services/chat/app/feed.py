"""Use case of the feed: facts after a cursor, with a bounded wait for the next one."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from kit.codes import Code, Refused
from services.chat.ports import FactFeed

# How often a waiting call reads: other processes add facts too.
READ_EVERY_S = 0.5
# A waiting call occupies one of the server's calls.
MAX_WAITING = 200
RETRY_MS = 1000


class FeedResult(NamedTuple):
    """Facts, the cursor after them, and whether facts before them are no longer kept."""

    facts: Sequence[bytes]
    cursor: int
    missed: bool = False


class Feed:
    """Calls wait until a fact arrives, their time is over, or `end` was called."""

    def __init__(self, store: FactFeed, *, read_every_s: float = READ_EVERY_S) -> None:
        self._store = store
        self._read_every_s = read_every_s
        self._waiting = 0
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Ends the waits: the process stops."""
        self._ended.set()

    async def poll(self, site: str, cursor: int, limit: int, wait_s: float) -> FeedResult:
        """Refused(overloaded) when too many calls wait; Refused(unavailable) without the database."""
        deadline = asyncio.get_running_loop().time() + wait_s
        if self._waiting >= MAX_WAITING:
            raise Refused(Code.OVERLOADED, "Too many consumers wait.", retry_ms=RETRY_MS)
        self._waiting += 1
        try:
            while True:
                found = await self._read(site, cursor, limit)
                left = deadline - asyncio.get_running_loop().time()
                if found.facts or found.missed or left <= 0 or self._ended.is_set():
                    return found
                await self._pause(min(left, self._read_every_s))
        finally:
            self._waiting -= 1

    async def _read(self, site: str, cursor: int, limit: int) -> FeedResult:
        page = await self._store.after(site, cursor, limit)
        if page.facts:
            return FeedResult(page.facts, page.last, missed=0 < cursor < page.first - 1)
        last = await self._store.last(site)
        # A backup was restored: its feed ends before the cursor.
        return FeedResult((), min(cursor, last), missed=last < cursor)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            return
