"""When a list is read anew: at first, when a delta may have been missed, every half minute as a net, every two seconds without the bus."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from kit.codes import Refused
from kit.runtime.logs import Log

# The net below numbered deltas.
EVERY_S = 30.0
# As for conversations: without the broker people see the list some seconds late.
WITHOUT_BUS_S = 2.0
AGAIN_S = 1.0


class SnapshotRefresh:
    """Reads one site's list at a time, however often it is wanted meanwhile. `run` must be running."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[None]],
        *,
        sites: Callable[[], Iterable[str]],
        bus_is_up: Callable[[], bool],
        log: Log,
    ) -> None:
        self._read = read
        self._sites = sites
        self._bus_is_up = bus_is_up
        self._log = log
        self._wanted: dict[str, None] = {}
        self._arrived = asyncio.Event()

    def want(self, site: str) -> None:
        self._wanted[site] = None
        self._arrived.set()

    def want_all(self) -> None:
        for site in self._sites():
            self.want(site)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        last_all = loop.time()
        while True:
            await self._until_wanted()
            if loop.time() - last_all >= (EVERY_S if self._bus_is_up() else WITHOUT_BUS_S):
                last_all = loop.time()
                self.want_all()
            while self._wanted:
                site = next(iter(self._wanted))
                del self._wanted[site]
                await self._try(site)

    async def _until_wanted(self) -> None:
        try:
            async with asyncio.timeout(WITHOUT_BUS_S):
                await self._arrived.wait()
        except TimeoutError:
            return
        self._arrived.clear()

    async def _try(self, site: str) -> None:
        try:
            await self._read(site)
        except Refused as refused:
            self._log.warning("a list could not be read", site=site, error=str(refused))
            self._wanted[site] = None
            await asyncio.sleep(AGAIN_S)
