"""Creates tickets, from a conversation or from a request.

Invariants: a conversation has at most one ticket, and so has a client id of an author. A repeated or concurrent call returns the
first one. The ticket and its fact are one write, so a crash before the publish loses no fact.
"""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from kit.codes import Code, Refused
from kit.text.visible import has_visible_text
from services.tickets.app.transcript import TranscriptRefresher
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import Ticket, default_subject, new_ticket
from services.tickets.domain.transcript import Line, Transcript
from services.tickets.metrics import Metrics
from services.tickets.ports import Fact, InsertOutcome, ServiceClients, TicketRecords
from services.tickets.proto_mapping import fact_of

# Each taken number means that another insert succeeded; more than the concurrent inserts of one site.
MAX_INSERT_TRIES = 200
# A majority has the concurrent ticket after one replication round trip; until then a read does not return it.
DUPLICATE_PAUSE_S = 0.005


class TicketCreation:
    """`post_fact` publishes a stored fact in the background."""

    def __init__(
        self,
        tickets: TicketRecords,
        clients: ServiceClients,
        transcripts: TranscriptRefresher,
        *,
        post_fact: Callable[[Fact], None],
        new_id: Callable[[], str],
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self._tickets = tickets
        self._clients = clients
        self._transcripts = transcripts
        self._post_fact = post_fact
        self._new_id = new_id
        self._now = now
        self._metrics = metrics

    async def open_from_conversation(self, site: str, conversation_id: str, by: Person) -> tuple[Ticket, bool]:
        """The conversation's ticket, and True when this call created it. Refused(not_found) without such a conversation."""

        async def existing() -> Ticket | None:
            return await self._tickets.of_conversation(site, conversation_id)

        found = await existing()
        if found is not None:
            return await self._transcripts.try_refresh(found), False
        draft = await self._draft(site, conversation_id, by)
        ticket, created = await self._insert(draft, existing)
        if created:
            self._metrics.opened.labels("conversation").inc()
            # An entry between the read and the insert refreshed no ticket, not even `closed`: there was none.
            ticket = await self._transcripts.try_refresh(ticket)
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
        """A ticket without a conversation; `text` becomes the first line of its transcript."""

        async def existing() -> Ticket | None:
            return await self._tickets.of_client_id(site, by, client_id)

        found = await existing()
        if found is not None:
            return found
        now_ms = self._now()
        lines = (Line(seq=1, author=visitor or by, text=text, at_ms=now_ms),) if has_visible_text(text) else ()
        draft = new_ticket(
            site=site,
            ticket_id=self._new_id(),
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

    async def _draft(self, site: str, conversation_id: str, by: Person) -> Ticket:
        state = await self._clients.conversation(site, conversation_id)
        known = await self._clients.visitor(site, state.visitor.id)
        name = (known and known.name) or state.visitor.name or (known and known.placeholder) or "a visitor"
        return new_ticket(
            site=site,
            ticket_id=self._new_id(),
            number=0,
            subject=default_subject(name),
            priority="normal",
            by=by,
            now_ms=self._now(),
            conversation_id=conversation_id,
            visitor=replace(state.visitor, name=name),
            visitor_email=known.email if known else "",
            transcript=await self._transcripts.read(site, conversation_id, Transcript(), state),
        )

    async def _insert(self, draft: Ticket, existing: Callable[[], Awaitable[Ticket | None]]) -> tuple[Ticket, bool]:
        for _ in range(MAX_INSERT_TRIES):
            ticket = replace(draft, number=await self._tickets.next_number(draft.site))
            fact = fact_of("opened", ticket)
            match await self._tickets.insert(ticket, fact):
                case InsertOutcome.DONE:
                    self._post_fact(fact)
                    return ticket, True
                case InsertOutcome.NUMBER_TAKEN:
                    continue
                case InsertOutcome.CONVERSATION_TAKEN | InsertOutcome.CLIENT_ID_TAKEN:
                    found = await existing()
                    if found is not None:
                        return found, False
                    await asyncio.sleep(DUPLICATE_PAUSE_S)
        raise Refused(Code.RETRY, "Too many tickets are created at once.", retry_ms=1000)
