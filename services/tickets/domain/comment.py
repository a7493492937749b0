"""A comment on a ticket, which only agents see. Pure."""

import msgspec

from services.tickets.domain.person import Person


class Comment(msgspec.Struct, frozen=True):
    """`client_id` is chosen by the author's client and identifies a repeated request."""

    site: str
    ticket_id: str = msgspec.field(name="ticket")
    id: str = msgspec.field(name="comment")
    client_id: str
    text: str
    author: Person
    at_ms: int
