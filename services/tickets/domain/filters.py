"""Filters and search terms of a list of tickets. Pure."""

import msgspec

from kit.text.search_terms import index_terms
from services.tickets.domain.ticket import Ticket

# In place of an agent's id: tickets without an assignee. Ids of agents have 32 characters.
UNASSIGNED = "none"
# More than a subject, a number and a name can hold.
MAX_TERMS = 250


class ListFilters(msgspec.Struct, frozen=True):
    """An empty field matches every ticket. All `search_terms` must match."""

    status: str = ""
    assignee_id: str = ""
    priority: str = ""
    search_terms: tuple[str, ...] = ()


def search_terms_of(ticket: Ticket) -> list[str]:
    """Terms of the ticket's number, subject and visitor's name."""
    return search_terms(ticket.number, ticket.subject, ticket.visitor.name if ticket.visitor else "")


def search_terms(number: int, subject: str, visitor_name: str) -> list[str]:
    return index_terms([str(number), subject, visitor_name], MAX_TERMS)
