"""Comments on tickets: added once, read newest first.

Always true: one comment for an author's client id on a ticket. A comment is no change of the ticket: its version stays, so that who comments
is in nobody's way.
"""

from collections.abc import Callable

from kit.codes import Code, Refused
from services.tickets.domain.comment import Comment
from services.tickets.domain.ticket import Person
from services.tickets.ports import CommentStore


class Comments:
    """The use cases of comments."""

    def __init__(self, store: CommentStore, *, new_id: Callable[[], str], now: Callable[[], int]) -> None:
        self._store = store
        self._new_id = new_id
        self._now = now

    async def add(self, site: str, ticket: str, client_id: str, text: str, by: Person) -> tuple[Comment, bool]:
        """The comment, and whether this call made it. Refused(not_found) when there is no such ticket."""
        await self._demand(site, ticket)
        draft = Comment(site, ticket, self._new_id(), client_id, text, by, self._now())
        created = await self._store.insert(draft)
        comment = draft if created else await self._store.of_client_id(site, ticket, by, client_id)
        if comment is None:
            raise Refused(Code.RETRY, "Another one is writing the same comment.", retry_ms=1000)
        # Also for one that was there: whoever made it may have died before this.
        await self._store.touch(site, ticket, comment.at_ms)
        return comment, created

    async def page(self, site: str, ticket: str, below: str, limit: int) -> tuple[list[Comment], bool]:
        """Newest first, and whether there are more. Refused(not_found) when there is no such ticket."""
        await self._demand(site, ticket)
        found = await self._store.page(site, ticket, below, limit + 1)
        return found[:limit], len(found) > limit

    async def _demand(self, site: str, ticket: str) -> None:
        if not await self._store.has_ticket(site, ticket):
            raise Refused(Code.NOT_FOUND, "There is no such ticket.")
