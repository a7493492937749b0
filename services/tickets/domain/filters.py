"""What a list of tickets is of, and the words that a ticket is found by. Pure."""

import msgspec

from kit.text.search_terms import index_terms
from services.tickets.domain.ticket import Ticket

# Stands for "nobody" where an agent's id is expected; ids of agents have 32 characters.
NOBODY = "none"
# More than a subject, a number and a name can hold.
WORDS_LIMIT = 250


class Filters(msgspec.Struct, frozen=True):
    """Empty: any. `words`: all of them."""

    status: str = ""
    assignee: str = ""
    priority: str = ""
    words: tuple[str, ...] = ()


def ticket_words(ticket: Ticket) -> list[str]:
    """Of its number, its subject and its visitor's name."""
    name = ticket.visitor.name if ticket.visitor else ""
    return index_terms([str(ticket.number), ticket.subject, name], WORDS_LIMIT)
