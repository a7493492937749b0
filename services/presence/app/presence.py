"""Use cases of presence: apply reports and facts, edit profiles, read visitors and agents."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from kit.codes import Code, Refused
from kit.ids import visitor_label
from kit.text.search_terms import query_terms
from services.presence.app.optimistic_update import AgentUpdater, VisitorUpdater
from services.presence.domain import agent as agent_machine
from services.presence.domain import profile
from services.presence.domain import visitor as visitor_machine
from services.presence.domain.agent import Agent, AgentConnected
from services.presence.domain.leases import Lease
from services.presence.domain.page_fields import set_fields
from services.presence.domain.profile import NoteEdit, ProfileEdit
from services.presence.domain.visitor import (
    ChatChanged,
    Connected,
    Note,
    PageField,
    Visitor,
    new_visitor,
    record_key,
)
from services.presence.metrics import Metrics
from services.presence.ports import Deltas, PresenceRecords

# The rev of a change is the time of its decision, and the write may take until the database's time-out (8 s). Only changes older
# than this are in a snapshot for sure.
MAX_WRITE_DELAY_MS = 10_000


class OnlineSnapshot(NamedTuple):
    """A visitor that is missing here and has a rev below `as_of_rev` is gone, as are those in `gone`: (visitor id, rev)."""

    visitors: list[Visitor]
    gone: list[tuple[str, int]]
    as_of_rev: int


class Presence:
    """Several processes may work on one database."""

    def __init__(self, records: PresenceRecords, deltas: Deltas, *, now: Callable[[], int], metrics: Metrics) -> None:
        self._records = records
        self._now = now
        self._metrics = metrics
        self._visitors = VisitorUpdater(records.visitors, deltas, now=now, metrics=metrics)
        self._agents = AgentUpdater(records.agents, deltas, now=now, metrics=metrics)

    async def renew_lease(self, gateway_id: str) -> Lease:
        """The gateway's lease, renewed or new."""
        return await self._records.renew_lease(gateway_id, self._now())

    async def report(
        self,
        site: str,
        visitors: Mapping[str, Sequence[visitor_machine.Event]],
        agents: Mapping[str, Sequence[agent_machine.Event]],
    ) -> None:
        """Applies the events of each person in their order. After Refused(retry) a part may be done; all may be repeated."""
        started = time.perf_counter()
        by_visitor = {record_key(site, visitor_id): (visitor_id, events) for visitor_id, events in visitors.items()}
        by_agent = {record_key(site, agent_id): (agent_id, events) for agent_id, events in agents.items()}

        def change_visitor(key: str, before: Visitor | None) -> Visitor | None:
            visitor_id, events = by_visitor[key]
            return _visitor_after(site, visitor_id, before, events, self._now())

        def change_agent(key: str, before: Agent | None) -> Agent | None:
            agent_id, events = by_agent[key]
            return _agent_after(site, agent_id, before, events, self._now())

        await self._visitors.update_keys(by_visitor, change_visitor, "report")
        await self._agents.update_keys(by_agent, change_agent, "report")
        self._metrics.report_seconds.observe(time.perf_counter() - started)
        self._metrics.report_events.observe(sum(map(len, visitors.values())) + sum(map(len, agents.values())))

    async def apply_chat_change(self, site: str, visitor_id: str, change: ChatChanged, at: int) -> None:
        """Applies a fact of chat. Creates the visitor's record when the visitor never connected."""

        def transition(_: str, before: Visitor | None) -> Visitor:
            visitor = before or new_visitor(site, visitor_id, at)
            return visitor_machine.apply_event(visitor, change, self._now())

        await self._visitors.update_keys([record_key(site, visitor_id)], transition, "fact")

    async def edit_profile(self, site: str, visitor_id: str, version: int, edit: ProfileEdit) -> Visitor:
        """The changed visitor. Refused: invalid; not_found; conflict when `version` is not the current one."""
        normal = profile.normalized(edit)
        return await self._change_profile(
            site, visitor_id, lambda before: profile.edit_profile(before, version, normal), "edit"
        )

    async def fill_profile(self, site: str, visitor_id: str, edit: ProfileEdit) -> Visitor:
        """The visitor, whose empty fields are filled. Creates the record when the connection is not reported yet.

        Refused(invalid) names a field that does not fit; the others are filled.
        """
        good, refused = profile.fitting(edit)
        if refused is not None and not good:
            raise refused
        key = record_key(site, visitor_id)

        def transition(_: str, before: Visitor | None) -> Visitor:
            return profile.fill_profile(before or new_visitor(site, visitor_id, self._now()), good)

        found = await self._records.visitors.read([key], profile=True)
        after = _only(await self._visitors.update([key], found, transition, "fill", profile=True))
        if refused is not None:
            raise refused
        return after

    async def set_fields(self, site: str, visitor_id: str, changes: Sequence[PageField]) -> None:
        """Sets fields of the page. Creates the record when the connection is not reported yet. Refused: too_large."""
        key = record_key(site, visitor_id)

        def transition(_: str, before: Visitor | None) -> Visitor:
            return set_fields(before or new_visitor(site, visitor_id, self._now()), changes)

        found = await self._records.visitors.read([key], profile=True)
        await self._visitors.update([key], found, transition, "fields", profile=True)

    async def add_note(self, site: str, visitor_id: str, note: Note) -> Visitor:
        """Adds a note once. Refused: not_found; too_large at the bound."""
        return await self._change_profile(site, visitor_id, lambda before: profile.add_note(before, note), "note")

    async def edit_note(self, site: str, visitor_id: str, edit: NoteEdit) -> Visitor:
        """Replaces the text of a note. Refused: not_found; forbidden; conflict when its version is not the current one."""
        return await self._change_profile(site, visitor_id, lambda before: profile.edit_note(before, edit), "note")

    async def get_visitor(self, site: str, visitor_id: str) -> Visitor:
        """The whole record, or Refused(not_found)."""
        found = await self._records.visitors.read([record_key(site, visitor_id)], profile=True)
        return _only(found)

    async def list_visitors(self, site: str, cursor: str, limit: int) -> tuple[list[Visitor], str]:
        """A page of a site's visitors, newest seen first, and the cursor of the next page or an empty text."""
        before = _parse_cursor(site, cursor) if cursor else None
        found = await self._records.last_seen(site, before, limit + 1)
        page = found[:limit]
        return page, f"{page[-1].last_seen}.{page[-1].id}" if len(found) > limit else ""

    async def find_visitors(self, site: str, text: str, limit: int) -> tuple[list[str], bool]:
        """Ids of visitors whose name and address contain all terms of the text, newest seen first; True when there are more."""
        terms = query_terms(text)
        found = await self._records.find(site, terms, limit + 1) if terms else []
        return found[:limit], len(found) > limit

    async def visitor_names(self, site: str, visitor_ids: Sequence[str]) -> dict[str, str]:
        """Name or placeholder by id, without unknown visitors."""
        names = await self._records.names([record_key(site, visitor_id) for visitor_id in visitor_ids])
        return {visitor_id: name or visitor_label(visitor_id) for visitor_id, name in names.items()}

    async def list_online(self, site: str) -> OnlineSnapshot:
        """All online visitors of a site."""
        as_of_rev = self._now() - MAX_WRITE_DELAY_MS
        visitors = [visitor async for batch in self._records.online(site) for visitor in batch]
        # After the rows: a visitor that leaves between the reads is in both, and a delta follows for one that comes between them.
        gone = await self._records.gone_since(site, as_of_rev)
        return OnlineSnapshot(visitors, gone, as_of_rev)

    async def list_online_page(self, site: str, after: str, limit: int) -> tuple[OnlineSnapshot, str]:
        """Online visitors with an id above `after`, and the `after` of the next page or an empty text."""
        as_of_rev = self._now() - MAX_WRITE_DELAY_MS
        found = await self._records.online_page(site, after, limit + 1)
        page = found[:limit]
        gone = await self._records.gone_since(site, as_of_rev)
        return OnlineSnapshot(page, gone, as_of_rev), page[-1].id if len(found) > limit else ""

    async def list_agents(self, site: str) -> list[Agent]:
        """All agents of the site that ever connected."""
        return await self._records.agents.of_site(site)

    async def _change_profile(
        self, site: str, visitor_id: str, change: Callable[[Visitor], Visitor], by: str
    ) -> Visitor:
        key = record_key(site, visitor_id)

        def transition(_: str, before: Visitor | None) -> Visitor | None:
            return None if before is None else change(before)

        found = await self._records.visitors.read([key], profile=True)
        return _only(await self._visitors.update([key], found, transition, by, profile=True))


def _visitor_after(
    site: str, visitor_id: str, before: Visitor | None, events: Iterable[visitor_machine.Event], now: int
) -> Visitor | None:
    after = before
    for event in events:
        if after is None and isinstance(event, Connected):
            after = new_visitor(site, visitor_id, event.at)
        if after is not None:
            after = visitor_machine.apply_event(after, event, now)
    return after


def _agent_after(
    site: str, agent_id: str, before: Agent | None, events: Iterable[agent_machine.Event], now: int
) -> Agent | None:
    after = before
    for event in events:
        if after is None and isinstance(event, AgentConnected):
            after = Agent(site=site, id=agent_id)
        if after is not None:
            after = agent_machine.apply_event(after, event, now)
    return after


def _only(found: Mapping[str, Visitor]) -> Visitor:
    for visitor in found.values():
        return visitor
    raise Refused(Code.NOT_FOUND, "There is no such visitor.")


def _parse_cursor(site: str, cursor: str) -> tuple[int, str]:
    at, _, visitor_id = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= 16 and visitor_id):
        raise Refused(Code.INVALID, "cursor is not the `next` of an earlier page.")
    return int(at), record_key(site, visitor_id)
