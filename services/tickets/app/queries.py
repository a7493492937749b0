"""Reads of tickets: one by id, one by conversation, a page of a list."""

from kit.codes import Code, Refused
from services.tickets.domain.filters import ListFilters
from services.tickets.domain.ticket import Ticket
from services.tickets.ports import TicketRecords


class TicketQueries:
    """A ticket of another site is not found, as one that does not exist."""

    def __init__(self, tickets: TicketRecords) -> None:
        self._tickets = tickets

    async def get(self, site: str, ticket_id: str) -> Ticket:
        """The whole ticket, or Refused(not_found)."""
        found = await self._tickets.get(site, ticket_id)
        if found is None:
            raise Refused(Code.NOT_FOUND, "There is no such ticket.")
        return found

    async def of_conversation(self, site: str, conversation_id: str) -> Ticket:
        """Without transcript and history. Refused(not_found) when the conversation has no ticket."""
        found = await self._tickets.brief_of_conversation(site, conversation_id)
        if found is None:
            raise Refused(Code.NOT_FOUND, "This conversation has no ticket.")
        return found

    async def page(self, site: str, filters: ListFilters, below: int, limit: int) -> tuple[list[Ticket], bool]:
        """Newest first, and True when there are more."""
        found = await self._tickets.page(site, filters, below, limit + 1)
        return found[:limit], len(found) > limit
