"""What agents write to one another about a ticket. Pure."""

import msgspec

from services.tickets.domain.ticket import Person


class Comment(msgspec.Struct, frozen=True):
    """`client_id` is the author's own; with it a second try is known."""

    site: str
    ticket: str
    comment: str
    client_id: str
    text: str
    author: Person
    at_ms: int
