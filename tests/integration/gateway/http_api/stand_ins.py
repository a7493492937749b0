"""What the HTTP routes get from the rest of the gateway, for tests: buses that record, a clock, and services that are away."""

from typing import NamedTuple

from kit.ids import now_ms


class Announced(NamedTuple):
    site: str
    agent: str
    session: str | None


class Bus:
    """Records the announcements of ended sessions."""

    def __init__(self) -> None:
        self.announced: list[Announced] = []
        self.announced_visitors: list[tuple[str, str]] = []

    async def announce_visitor(self, site: str, visitor: str) -> None:
        self.announced_visitors.append((site, visitor))

    async def announce(self, site: str, agent: str, session: str | None) -> None:
        self.announced.append(Announced(site, agent, session))


class SiteBus:
    """Records the announcements of changed sites."""

    def __init__(self) -> None:
        self.announced: list[str] = []

    async def announce(self, site: str) -> None:
        self.announced.append(site)


class Clock:
    """Real time plus an offset. Stopped, it is independent of the machine's speed."""

    def __init__(self) -> None:
        self.ahead_ms = 0
        self._stopped_at: int | None = None

    def __call__(self) -> int:
        return (self._stopped_at or now_ms()) + self.ahead_ms

    def stop(self) -> None:
        self._stopped_at = now_ms()


class Addresses(NamedTuple):
    """Addresses of the services. By default no process listens there."""

    presence: str = "127.0.0.1:1"
    chat: str = "127.0.0.1:1"
    tickets: str = "127.0.0.1:1"


AWAY = Addresses()
