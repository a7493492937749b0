"""Adds and lists comments of a ticket.

Invariants: an author's client id makes one comment on a ticket. A comment does not raise the ticket's version, so it causes no
conflict with a concurrent change.
"""

from collections.abc import Callable

from kit.codes import Code, Refused
from services.tickets.domain.comment import Comment
from services.tickets.domain.person import Person
from services.tickets.ports import CommentRecords


class TicketComments:
    """A ticket of another site is not found, as one that does not exist."""

    def __init__(self, comments: CommentRecords, *, new_id: Callable[[], str], now: Callable[[], int]) -> None:
        self._comments = comments
        self._new_id = new_id
        self._now = now

    async def add(self, site: str, ticket_id: str, client_id: str, text: str, by: Person) -> tuple[Comment, bool]:
        """The comment, and True when this call created it. Refused(not_found) without such a ticket."""
        await self._require_ticket(site, ticket_id)
        draft = Comment(site, ticket_id, self._new_id(), client_id, text, by, self._now())
        created = await self._comments.insert(draft)
        comment = draft if created else await self._comments.of_client_id(site, ticket_id, by, client_id)
        if comment is None:
            raise Refused(Code.RETRY, "Another call writes the same comment.", retry_ms=1000)
        # Also for an existing comment: the process that wrote it may have crashed before this.
        await self._comments.touch(site, ticket_id, comment.at_ms)
        return comment, created

    async def page(self, site: str, ticket_id: str, below: str, limit: int) -> tuple[list[Comment], bool]:
        """Newest first, and True when there are more. Refused(not_found) without such a ticket."""
        await self._require_ticket(site, ticket_id)
        found = await self._comments.page(site, ticket_id, below, limit + 1)
        return found[:limit], len(found) > limit

    async def _require_ticket(self, site: str, ticket_id: str) -> None:
        if not await self._comments.has_ticket(site, ticket_id):
            raise Refused(Code.NOT_FOUND, "There is no such ticket.")
