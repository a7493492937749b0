"""What the use cases need from outside: records that are written on condition, leases, and somebody who tells of changes."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Protocol, TypeVar

from services.presence.domain.agent import Agent
from services.presence.domain.leases import Lease
from services.presence.domain.visitor import Visitor

StateT = TypeVar("StateT", Visitor, Agent)


class Records(Protocol[StateT]):
    """The records of visitors, or those of agents, by key."""

    async def read(self, keys: Iterable[str], *, profile: bool = False) -> dict[str, StateT]:
        """Those of the keys that exist; without notes and bio unless `profile`."""
        ...

    async def write(self, changes: Sequence[tuple[StateT | None, StateT]]) -> bool:
        """Writes each (before, after) if `before` still stands, None being nothing. True: all of them; False: perhaps some."""
        ...

    async def due(self, now: int, limit: int) -> dict[str, StateT]:
        """Whose time has come."""
        ...

    async def holding(self, leases: Iterable[str], limit: int) -> dict[str, StateT]:
        """Whose sockets hang on one of these leases."""
        ...

    async def of_site(self, site: str) -> list[StateT]: ...


class PresenceStore(Protocol):
    """All that presence keeps."""

    @property
    def visitors(self) -> Records[Visitor]: ...

    @property
    def agents(self) -> Records[Agent]: ...

    def online(self, site: str) -> AsyncIterator[list[Visitor]]: ...

    async def online_page(self, site: str, after: str, limit: int) -> list[Visitor]:
        """Those of a site who are online, by their ids, from after this one on."""
        ...

    async def gone_since(self, site: str, at: int) -> list[tuple[str, int]]: ...

    async def online_by_site(self) -> dict[str, int]: ...

    async def sites_with_agents(self) -> list[str]: ...

    async def seen(self, site: str, before: tuple[int, str] | None, limit: int) -> list[Visitor]: ...

    async def named(self, site: str, words: Sequence[str], limit: int) -> list[str]: ...

    async def names(self, keys: Sequence[str]) -> dict[str, str]: ...

    async def renew(self, gateway: str, now: int) -> Lease: ...

    async def leases_lapsed(self, now: int) -> frozenset[str]: ...

    async def forget_gateways(self, now: int) -> int: ...


class Deltas(Protocol):
    """Tells the gateways of changes. Never waits; what cannot be told shows there as a gap."""

    def say_visitors(self, visitors: Iterable[Visitor]) -> None:
        """These are now as given: rows of those online, the others gone."""

    def say_agents(self, agents: Iterable[Agent]) -> None:
        """These are now as given."""

    def say_gap(self, site: str) -> None:
        """Something of this site may have changed that is not told."""
