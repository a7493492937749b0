"""What presence does for its callers: takes reports in, keeps profiles, answers what is."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from kit.codes import Code, Refused
from kit.ids import visitor_label
from kit.text.search_terms import query_terms
from services.presence.app.optimistic_update import agents_settler, visitors_settler
from services.presence.domain import agent as agents_domain
from services.presence.domain import visitor as visitors_domain
from services.presence.domain.agent import Agent, AgentConnected
from services.presence.domain.leases import Lease
from services.presence.domain.profile import Edit, NoteEdit, cleaned, edited, noted, renoted
from services.presence.domain.visitor import ChatTold, Connected, Note, Visitor, key_of, newcomer
from services.presence.metrics import Metrics
from services.presence.ports import Deltas, PresenceStore

# A change carries a rev of the moment it was decided in, and may be stored until a statement's time-out later (8 s): only what
# is older than this is sure to be in a snapshot.
UNSETTLED_MS = 10_000


class OnlineNow(NamedTuple):
    """A snapshot. Who is not in it and has a rev below `as_of_rev` is gone, and so are those in `gone`: (visitor, rev)."""

    visitors: list[Visitor]
    gone: list[tuple[str, int]]
    as_of_rev: int


class Presence:
    """Many of these may work on one database at once."""

    def __init__(self, store: PresenceStore, deltas: Deltas, *, now: Callable[[], int], metrics: Metrics) -> None:
        self._store = store
        self._now = now
        self._metrics = metrics
        self._visitors = visitors_settler(store.visitors, deltas, now, metrics)
        self._agents = agents_settler(store.agents, deltas, now, metrics)

    async def lease(self, gateway: str) -> Lease:
        """The gateway's lease, renewed or new."""
        return await self._store.renew(gateway, self._now())

    async def report(
        self,
        site: str,
        visitors: Mapping[str, Sequence[visitors_domain.Event]],
        agents: Mapping[str, Sequence[agents_domain.Event]],
    ) -> None:
        """Applies what happened to each person, in its order. Refused(retry): some of it may be done, and all may be repeated."""
        started = time.perf_counter()
        of_visitor = {key_of(site, visitor): (visitor, events) for visitor, events in visitors.items()}
        of_agent = {key_of(site, agent): (agent, events) for agent, events in agents.items()}

        def visitor_step(key: str, before: Visitor | None) -> Visitor | None:
            visitor, events = of_visitor[key]
            return _visitor_after(site, visitor, before, events, self._now())

        def agent_step(key: str, before: Agent | None) -> Agent | None:
            agent, events = of_agent[key]
            return _agent_after(site, agent, before, events, self._now())

        await self._visitors.settle_keys(of_visitor, visitor_step, "report")
        await self._agents.settle_keys(of_agent, agent_step, "report")
        self._metrics.report_seconds.observe(time.perf_counter() - started)
        self._metrics.report_events.observe(sum(map(len, visitors.values())) + sum(map(len, agents.values())))

    async def chat_told(self, site: str, visitor: str, told: ChatTold, at: int) -> None:
        """A fact of chat about a visitor, who may never have been here."""

        def step(_: str, before: Visitor | None) -> Visitor:
            return visitors_domain.step(before or newcomer(site, visitor, at), told, self._now())

        await self._visitors.settle_keys([key_of(site, visitor)], step, "fact")

    async def edit(self, site: str, visitor: str, version: int, edit: Edit) -> Visitor:
        """Changes the profile. Refused: invalid, not_found, conflict when `version` is old."""
        clean = cleaned(edit)
        return await self._change_profile(site, visitor, lambda before: edited(before, version, clean), "edit")

    async def add_note(self, site: str, visitor: str, note: Note) -> Visitor:
        """Adds a note once. Refused: not_found, too_large past the bound."""
        return await self._change_profile(site, visitor, lambda before: noted(before, note), "note")

    async def edit_note(self, site: str, visitor: str, edit: NoteEdit) -> Visitor:
        """Gives a note another text. Refused: not_found, forbidden, conflict when its version is old."""
        return await self._change_profile(site, visitor, lambda before: renoted(before, edit), "note")

    async def visitor(self, site: str, visitor: str) -> Visitor:
        """All of one visitor; Refused(not_found)."""
        found = await self._store.visitors.read([key_of(site, visitor)], profile=True)
        return _one(found.values())

    async def visitors(self, site: str, cursor: str, limit: int) -> tuple[list[Visitor], str]:
        """A page of a site's visitors, newest seen first, and the cursor of the next one or empty."""
        before = _parse_cursor(site, cursor) if cursor else None
        found = await self._store.seen(site, before, limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return page, f"{page[-1].last_seen}.{page[-1].visitor}" if more else ""

    async def named(self, site: str, text: str, limit: int) -> tuple[list[str], bool]:
        """Visitors whose name and address hold all the words of the text, newest seen first, and whether there are more."""
        words = query_terms(text)
        found = await self._store.named(site, words, limit + 1) if words else []
        return found[:limit], len(found) > limit

    async def names(self, site: str, visitors: Sequence[str]) -> dict[str, str]:
        """What those of them who are known are called now."""
        given = await self._store.names([key_of(site, visitor) for visitor in visitors])
        return {visitor: name or visitor_label(visitor) for visitor, name in given.items()}

    async def online(self, site: str) -> OnlineNow:
        """Everyone online now."""
        as_of_rev = self._now() - UNSETTLED_MS
        visitors = [visitor async for chunk in self._store.online(site) for visitor in chunk]
        # After the rows: who leaves between the two readings is in both, and who comes between them is told by a delta.
        gone = await self._store.gone_since(site, as_of_rev)
        return OnlineNow(visitors, gone, as_of_rev)

    async def online_page(self, site: str, after: str, limit: int) -> tuple[OnlineNow, str]:
        """A part of everyone online now, and what the next part comes after: empty when this was the last."""
        as_of_rev = self._now() - UNSETTLED_MS
        found = await self._store.online_page(site, after, limit + 1)
        page = found[:limit]
        gone = await self._store.gone_since(site, as_of_rev)
        return OnlineNow(page, gone, as_of_rev), page[-1].visitor if len(found) > limit else ""

    async def availability(self, site: str) -> list[Agent]:
        """Every agent of the site that ever connected."""
        return await self._store.agents.of_site(site)

    async def _change_profile(self, site: str, visitor: str, change: Callable[[Visitor], Visitor], by: str) -> Visitor:
        key = key_of(site, visitor)

        def step(_: str, before: Visitor | None) -> Visitor | None:
            return None if before is None else change(before)

        found = await self._store.visitors.read([key], profile=True)
        return _one((await self._visitors.settle([key], found, step, by, profile=True)).values())


def _visitor_after(
    site: str, visitor: str, before: Visitor | None, events: Iterable[visitors_domain.Event], now: int
) -> Visitor | None:
    after = before
    for event in events:
        if after is None and isinstance(event, Connected):
            after = newcomer(site, visitor, event.at)
        if after is not None:
            after = visitors_domain.step(after, event, now)
    return after


def _agent_after(
    site: str, agent: str, before: Agent | None, events: Iterable[agents_domain.Event], now: int
) -> Agent | None:
    after = before
    for event in events:
        if after is None and isinstance(event, AgentConnected):
            after = Agent(site=site, agent=agent)
        if after is not None:
            after = agents_domain.step(after, event, now)
    return after


def _one(found: Iterable[Visitor]) -> Visitor:
    for visitor in found:
        return visitor
    raise Refused(Code.NOT_FOUND, "There is no such visitor.")


def _parse_cursor(site: str, cursor: str) -> tuple[int, str]:
    at, _, visitor = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= 16 and visitor):
        raise Refused(Code.INVALID, "cursor is not one that was given out.")
    return int(at), key_of(site, visitor)
