"""Interfaces of the database and the bus as the use cases see them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Protocol, TypeVar

from services.presence.domain.agent import Agent
from services.presence.domain.leases import Lease
from services.presence.domain.visitor import Visitor

StateT = TypeVar("StateT", Visitor, Agent)


class StateRecords(Protocol[StateT]):
    """Records of visitors, or of agents, by key."""

    async def read(self, keys: Iterable[str], *, profile: bool = False) -> dict[str, StateT]:
        """The records that exist; without notes, bio and fields unless `profile`."""
        ...

    async def write(self, changes: Sequence[tuple[StateT | None, StateT]]) -> bool:
        """Writes each (before, after) if `before` is still stored; None inserts. False when some were not written."""
        ...

    async def due(self, now: int, limit: int) -> dict[str, StateT]:
        """Records that a Tick changes at this time."""
        ...

    async def holding(self, lease_ids: Iterable[str], limit: int) -> dict[str, StateT]:
        """Records with a connection of one of these leases."""
        ...

    async def of_site(self, site: str) -> list[StateT]: ...


class PresenceRecords(Protocol):
    """The database. Every call raises Refused(retry) when the database does not answer."""

    @property
    def visitors(self) -> StateRecords[Visitor]: ...

    @property
    def agents(self) -> StateRecords[Agent]: ...

    def online(self, site: str) -> AsyncIterator[list[Visitor]]:
        """The online visitors of a site in batches, with the fields of their rows only."""
        ...

    async def online_page(self, site: str, after: str, limit: int) -> list[Visitor]:
        """Online visitors with an id above `after`, ordered by id."""
        ...

    async def gone_since(self, site: str, at: int) -> list[tuple[str, int]]:
        """(visitor id, rev) of visitors that are offline and were last seen at `at` or later."""
        ...

    async def online_by_site(self) -> dict[str, int]:
        """The count of online visitors of each site."""
        ...

    async def sites_with_agents(self) -> list[str]: ...

    async def last_seen(self, site: str, before: tuple[int, str] | None, limit: int) -> list[Visitor]:
        """Visitors of a site, newest seen first, after the position `before`: (last_seen, key)."""
        ...

    async def find(self, site: str, search_terms: Sequence[str], limit: int) -> list[str]:
        """Ids of visitors whose name and address contain all terms, newest seen first."""
        ...

    async def names(self, keys: Sequence[str]) -> dict[str, str]:
        """Name by visitor id; empty for a visitor without a name."""
        ...

    async def renew_lease(self, gateway_id: str, now: int) -> Lease:
        """The gateway's lease, prolonged; a new one when it had none or it has lapsed."""
        ...

    async def lapsed_leases(self, now: int) -> frozenset[str]: ...

    async def delete_lapsed(self, now: int) -> int:
        """Deletes leases that lapsed long before `now`; returns the count of deleted gateways.

        Call it only after every connection of the leases that were lapsed at `now` is removed.
        """
        ...


class Deltas(Protocol):
    """Publishes changes to the gateways. Never waits, never raises: a lost delta leaves a gap in the numbers."""

    def visitors_changed(self, visitors: Iterable[Visitor]) -> None:
        """Publishes their new rows; a visitor without a row is published as gone."""

    def agents_changed(self, agents: Iterable[Agent]) -> None: ...

    def mark_gap(self, site: str) -> None:
        """Skips a number of both streams of the site: a change may have been stored that no delta publishes."""
