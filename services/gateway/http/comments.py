"""Routes of comments, which agents write to one another about a ticket (requirement S-51)."""

from typing import Annotated

import msgspec
from palique.tickets.v1 import tickets_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.entry_json import CLIENT_ID_LIMIT, TEXT_LIMIT
from kit.times import rfc3339
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.people import Author, author_json
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.request_body import path_id, read_json, read_query

DEFAULT_PAGE_SIZE = 50


class NewComment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comment. Repeating the request with the same `client_id` adds nothing."""

    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=CLIENT_ID_LIMIT)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT)]


class CommentQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of the list."""

    cursor: Annotated[str, msgspec.Meta(max_length=128)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = DEFAULT_PAGE_SIZE


class Comment(msgspec.Struct, frozen=True):
    """A comment on a ticket."""

    id: str
    text: str
    author: Author
    at: str


class CommentList(msgspec.Struct, frozen=True):
    """Newest first; `next` is the cursor of the next page, null on the last one."""

    items: list[Comment]
    next: str | None


class CommentRoutes:
    """`/api/v1/tickets/{id}/comments`."""

    def __init__(self, backends: Backends) -> None:
        self._tickets = backends.tickets

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        handlers = {"GET": signed_in(self._list), "POST": signed_in(self._add)}
        return [guard.route("/api/v1/tickets/{id}/comments", handlers)]

    async def _list(self, request: Request, agent: AgentIdentity) -> Response:
        ticket_id = path_id(request)
        query = read_query(request, CommentQuery)
        call = tickets_pb2.ListCommentsRequest(
            site=agent.site_key, ticket=ticket_id, cursor=query.cursor, limit=query.limit
        )
        answer = await self._tickets.call(lambda stub: stub.ListComments, call, key=ticket_id)
        items = [_comment_json(comment) for comment in answer.comments]
        return json_response(CommentList(items, answer.next or None))

    async def _add(self, request: Request, agent: AgentIdentity) -> Response:
        ticket_id = path_id(request)
        body = await read_json(request, NewComment)
        by = tickets_pb2.Person(kind="agent", id=agent.id, name=agent.name)
        call = tickets_pb2.AddCommentRequest(
            site=agent.site_key, ticket=ticket_id, client_id=body.client_id, text=body.text, by=by
        )
        answer = await self._tickets.call(lambda stub: stub.AddComment, call, key=ticket_id)
        return json_response(_comment_json(answer.comment), 201 if answer.created else 200)


def _comment_json(comment: tickets_pb2.Comment) -> Comment:
    return Comment(comment.comment, comment.text, author_json(comment.author), rfc3339(comment.at_ms))
