"""Refresh loop: reads the true state of sites when messages may have been missed, and periodically as a safety net."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from kit.codes import Refused
from kit.runtime.logs import Log

# How often `interval_s` is checked. Without the broker, readers are at most some seconds behind.
POLL_S = 2.0
RETRY_S = 1.0


class RefreshLoop:
    """Refreshes requested sites one after the other; requests for one site coalesce. `run` must be running.

    After `interval_s()` without a refresh of all sites, `on_due` is called, by default `request_all`. A refresh that raises Refused or
    TimeoutError is repeated.
    """

    def __init__(
        self,
        refresh: Callable[[str], Awaitable[None]],
        *,
        sites: Callable[[], Iterable[str]],
        interval_s: Callable[[], float],
        on_due: Callable[[], None] | None = None,
        log: Log,
        poll_s: float = POLL_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self._refresh = refresh
        self._sites = sites
        self._interval_s = interval_s
        self._on_due = on_due or self.request_all
        self._log = log
        self._poll_s = poll_s
        self._retry_s = retry_s
        # Site keys, in the order of their requests.
        self._requested: dict[str, None] = {}
        self._arrived = asyncio.Event()

    def request(self, site_key: str) -> None:
        self._requested[site_key] = None
        self._arrived.set()

    def request_all(self) -> None:
        for site_key in self._sites():
            self.request(site_key)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        last_due = loop.time()
        while True:
            await self._wait()
            if loop.time() - last_due >= self._interval_s():
                last_due = loop.time()
                self._on_due()
            for _ in range(len(self._requested)):
                site_key = next(iter(self._requested))
                del self._requested[site_key]
                await self._try(site_key)

    async def _wait(self) -> None:
        """Until a request, or the next check of the interval."""
        try:
            async with asyncio.timeout(self._poll_s):
                await self._arrived.wait()
        except TimeoutError:
            return
        self._arrived.clear()

    async def _try(self, site_key: str) -> None:
        try:
            await self._refresh(site_key)
        except (Refused, TimeoutError) as error:
            self._log.warning("refresh failed", refresh=repr(self._refresh), site=site_key, error=str(error))
            self.request(site_key)
            await asyncio.sleep(self._retry_s)
