"""Changes a ticket: subject, status, priority, assignee."""

from collections.abc import Callable

from kit.codes import Code, Refused
from services.tickets.app.queries import TicketQueries
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import Ticket, TicketPatch, apply_patch
from services.tickets.metrics import Metrics
from services.tickets.ports import Fact, TicketRecords
from services.tickets.proto_mapping import fact_of


class TicketChanges:
    """`post_fact` publishes a stored fact in the background."""

    def __init__(
        self,
        tickets: TicketRecords,
        queries: TicketQueries,
        *,
        post_fact: Callable[[Fact], None],
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self._tickets = tickets
        self._queries = queries
        self._post_fact = post_fact
        self._now = now
        self._metrics = metrics

    async def change(self, site: str, ticket_id: str, version: int, patch: TicketPatch, by: Person) -> Ticket:
        """The changed ticket. Refused(conflict) when `version` is not the current one, also by a concurrent change."""
        before = await self._queries.get(site, ticket_id)
        after, changes = apply_patch(before, version, patch, by, self._now())
        if not changes:
            return after
        fact = fact_of("changed", after)
        if not await self._tickets.change(after, changes, fact):
            raise Refused(Code.CONFLICT, "The ticket has changed.")
        self._post_fact(fact)
        for change in changes:
            self._metrics.changed.labels(change.field).inc()
        return after
