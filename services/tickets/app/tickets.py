"""What can be done with tickets: open one from a conversation, make, read, list and change them.

Always true: a conversation has one ticket at most, and so has an author's client id; who comes second gets the first one's. A fact
is written with the ticket that it tells of, so none is lost when the process dies before the bus heard it.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from kit.codes import Code, Refused
from kit.runtime.logs import Log
from services.tickets.domain.filters import Filters
from services.tickets.domain.ticket import (
    TRANSCRIPT_LINES,
    Line,
    Person,
    Ticket,
    TicketPatch,
    Transcript,
    changed,
    extended,
    opened,
    subject_for,
)
from services.tickets.metrics import Metrics
from services.tickets.ports import Conversation, Fact, Insert, Sources, TicketStore
from services.tickets.proto_mapping import fact_body

# Two who take the same number see it by the index, and one of them tries again; more rounds than anybody makes tickets at once.
INSERT_TRIES = 200
# A duplicate that a majority does not have yet is there after one round between the members.
INSERT_PAUSE_S = 0.005
# Two refreshes of one transcript at once: the second reads again and finds nothing to add.
EXTEND_TRIES = 5


class App:
    """The use cases. `tell` takes a fact that was written and returns at once."""

    def __init__(
        self,
        store: TicketStore,
        sources: Sources,
        *,
        tell: Callable[[Fact], None],
        new_id: Callable[[], str],
        now: Callable[[], int],
        metrics: Metrics,
        log: Log,
    ) -> None:
        self._store = store
        self._sources = sources
        self._tell = tell
        self._new_id = new_id
        self._now = now
        self._metrics = metrics
        self._log = log

    async def open_from_conversation(self, site: str, conversation: str, by: Person) -> tuple[Ticket, bool]:
        """The conversation's ticket, and whether this call made it. Refused(not_found) when there is no such conversation."""

        async def existing() -> Ticket | None:
            return await self._store.of_conversation(site, conversation)

        found = await existing()
        if found is not None:
            return await self._refreshed(found), False
        draft = await self._draft(site, conversation, by)
        ticket, created = await self._insert(draft, existing)
        if created:
            self._metrics.opened.labels("conversation").inc()
            # What was said, or closed, between the reading and the insert told nobody of this ticket yet.
            ticket = await self._refreshed(ticket)
        return ticket, created

    async def create(
        self,
        *,
        site: str,
        client_id: str,
        subject: str,
        text: str,
        by: Person,
        visitor: Person | None,
        visitor_email: str,
        priority: str,
    ) -> Ticket:
        """A ticket with no conversation behind it; the same author's same client id gives the first one."""

        async def existing() -> Ticket | None:
            return await self._store.of_client_id(site, by, client_id)

        found = await existing()
        if found is not None:
            return found
        now_ms = self._now()
        lines = (Line(seq=1, author=visitor or by, text=text, at_ms=now_ms),) if text else ()
        draft = opened(
            site=site,
            ticket=self._new_id(),
            number=0,
            subject=subject,
            priority=priority,
            by=by,
            now_ms=now_ms,
            client_id=client_id,
            visitor=visitor,
            visitor_email=visitor_email,
            transcript=Transcript(lines=lines, to_seq=len(lines), whole=True),
        )
        ticket, created = await self._insert(draft, existing)
        if created:
            self._metrics.opened.labels("request").inc()
        return ticket

    async def get(self, site: str, ticket: str) -> Ticket:
        """Refused(not_found) when it is missing or another site's."""
        found = await self._store.get(site, ticket)
        if found is None:
            raise Refused(Code.NOT_FOUND, "There is no such ticket.")
        return found

    async def of_conversation(self, site: str, conversation: str) -> Ticket:
        """Without transcript and history. Refused(not_found) when the conversation has none."""
        found = await self._store.brief_of_conversation(site, conversation)
        if found is None:
            raise Refused(Code.NOT_FOUND, "This conversation has no ticket.")
        return found

    async def page(self, site: str, filters: Filters, below: int, limit: int) -> tuple[list[Ticket], bool]:
        """Newest first, and whether there are more."""
        found = await self._store.page(site, filters, below, limit + 1)
        return found[:limit], len(found) > limit

    async def change(self, site: str, ticket: str, version: int, wish: TicketPatch, by: Person) -> Ticket:
        """The ticket after the change; Refused(conflict) when somebody was first."""
        before = await self.get(site, ticket)
        after, changes = changed(before, version, wish, by, self._now())
        if not changes:
            return after
        fact = self._fact("changed", after)
        if not await self._store.change(after, changes, fact):
            raise Refused(Code.CONFLICT, "The ticket was changed meanwhile.")
        self._tell(fact)
        for change in changes:
            self._metrics.changed.labels(change.field).inc()
        return after

    async def catch_up(self, site: str, conversation: str) -> None:
        """Brings the transcript of the conversation's ticket, if it has one, up to the end of the log."""
        ticket = await self._store.of_conversation(site, conversation)
        if ticket is not None:
            await self._extended(ticket)

    async def _draft(self, site: str, conversation: str, by: Person) -> Ticket:
        state = await self._sources.conversation(site, conversation)
        known = await self._sources.visitor(site, state.visitor.id)
        name = (known and known.name) or state.visitor.name or (known and known.placeholder) or "a visitor"
        return opened(
            site=site,
            ticket=self._new_id(),
            number=0,
            subject=subject_for(name),
            priority="normal",
            by=by,
            now_ms=self._now(),
            conversation=conversation,
            visitor=msgspec.structs.replace(state.visitor, name=name),
            visitor_email=known.email if known else "",
            transcript=await self._read_on(site, conversation, Transcript(), state),
        )

    async def _insert(self, draft: Ticket, existing: Callable[[], Awaitable[Ticket | None]]) -> tuple[Ticket, bool]:
        for _ in range(INSERT_TRIES):
            ticket = msgspec.structs.replace(draft, number=await self._store.next_number(draft.site))
            fact = self._fact("opened", ticket)
            inserted = await self._store.insert(ticket, fact)
            if inserted is Insert.DONE:
                self._tell(fact)
                return ticket, True
            if inserted is Insert.NUMBER_TAKEN:
                continue
            found = await existing()
            if found is not None:
                return found, False
            await asyncio.sleep(INSERT_PAUSE_S)
        raise Refused(Code.RETRY, "Too many tickets are being made at once.", retry_ms=1000)

    async def _refreshed(self, ticket: Ticket) -> Ticket:
        """With the newest transcript if it can be had now; when the conversation closes there is another chance."""
        try:
            return await self._extended(ticket)
        except Refused as refused:
            self._log.warning("a transcript could not be refreshed", ticket=ticket.ticket, code=refused.code)
            return ticket

    async def _extended(self, ticket: Ticket) -> Ticket:
        for _ in range(EXTEND_TRIES):
            if ticket.transcript.whole:
                return ticket
            state = await self._sources.conversation(ticket.site, ticket.conversation)
            transcript = await self._read_on(ticket.site, ticket.conversation, ticket.transcript, state)
            if transcript == ticket.transcript:
                return ticket
            if await self._store.extend(ticket, transcript):
                self._metrics.extended.inc()
                return msgspec.structs.replace(ticket, transcript=transcript)
            ticket = await self.get(ticket.site, ticket.ticket)
        raise Refused(Code.RETRY, "The transcript keeps changing.", retry_ms=1000)

    async def _read_on(self, site: str, conversation: str, transcript: Transcript, state: Conversation) -> Transcript:
        # Reading more than can be kept would be for nothing.
        after = max(transcript.to_seq, state.head - TRANSCRIPT_LINES)
        lines, to_seq = await self._sources.messages(site, conversation, after)
        return extended(transcript, lines, after=after, to_seq=to_seq, whole=state.closed)

    def _fact(self, kind: str, ticket: Ticket) -> Fact:
        return Fact(ticket.ticket, ticket.version, kind, ticket.updated_at_ms, fact_body(kind, ticket))
