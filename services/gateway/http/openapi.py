"""The HTTP API as an OpenAPI document: `/openapi.json`, and checked in as docs/openapi.json.

What a call takes is made from the very structs that its handler decodes; the table below names them, and a test holds it against the
routes and their handlers. What calls answer is told in docs/protocol.md.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import ERRORS
from services.gateway.accounts.identity import SESSION_COOKIE
from services.gateway.accounts.photos import MEDIA_TYPE, TYPES
from services.gateway.http import (
    agents,
    chat_logs,
    chats,
    comments,
    invitations,
    profile,
    sessions,
    site,
    tickets,
    visitors,
)
from services.gateway.http.problems import Guard
from services.gateway.http.visitor_sessions import VisitorSession

ADDRESS = "/openapi.json"
JSON = "application/json"
PROBLEM = "application/problem+json"
Json = dict[str, Any]


class Call(NamedTuple):
    """One method of one address. `answers`: media types by status, none where there is no body. `open`: without a session."""

    method: str
    path: str
    does: str
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    takes: tuple[str, ...] = (JSON,)
    answers: dict[int, tuple[str, ...]] = {200: (JSON,)}
    open: bool = False


NOTHING: dict[int, tuple[str, ...]] = {204: ()}
MADE_OR_THERE: dict[int, tuple[str, ...]] = {200: (JSON,), 201: (JSON,)}

CALLS = (
    Call("POST", "/api/v1/session", "Signs an agent in.", sessions.SignIn, answers=NOTHING, open=True),
    Call("DELETE", "/api/v1/session", "Signs out.", answers=NOTHING, open=True),
    Call("POST", "/api/v1/visitor/session", "A visitor's token, and the widget's settings.", VisitorSession, open=True),
    Call("GET", "/api/v1/me", "The agent signed in."),
    Call("PATCH", "/api/v1/me", "Changes one's name or language.", profile.MePatch),
    Call("POST", "/api/v1/me/password", "Changes one's password.", profile.PasswordChange, answers=NOTHING),
    Call("PUT", "/api/v1/me/photo", "Sets one's photo.", takes=tuple(TYPES)),
    Call("DELETE", "/api/v1/me/photo", "Takes one's photo away."),
    Call("GET", "/api/v1/photos/{id}", "An agent's photo.", answers={200: (MEDIA_TYPE,), 204: ()}, open=True),
    Call("GET", "/api/v1/agents", "The site's agents.", query=agents.AgentQuery),
    Call("POST", "/api/v1/agents", "Invites an agent.", agents.NewAgent, answers={201: (JSON,)}),
    Call("PATCH", "/api/v1/agents/{id}", "Changes an agent's role or access.", agents.AgentPatch),
    Call("POST", "/api/v1/agents/{id}/invitation", "A new link to set a password with."),
    Call("POST", "/api/v1/invitation", "Who was invited.", invitations.Token, open=True),
    Call(
        "POST",
        "/api/v1/invitation/password",
        "Takes an invitation.",
        invitations.NewPassword,
        answers=NOTHING,
        open=True,
    ),
    Call("GET", "/api/v1/site", "The site's settings."),
    Call("PATCH", "/api/v1/site", "Changes the site's settings.", site.SitePatch),
    Call("GET", "/api/v1/visitors/{id}", "A visitor."),
    Call("PATCH", "/api/v1/visitors/{id}", "Changes what is known of a visitor.", visitors.VisitorPatch),
    Call("POST", "/api/v1/visitors/{id}/notes", "Adds a note about a visitor, once.", visitors.NewNote),
    Call("PATCH", "/api/v1/visitors/{id}/notes/{note}", "Gives a note another text.", visitors.NotePatch),
    Call("GET", "/api/v1/chats", "Chat logs.", query=chats.ChatQuery),
    Call("PATCH", "/api/v1/chats/{id}", "Flags a chat for review.", chats.ChatPatch),
    Call("GET", "/api/v1/chats/{id}/log", "The whole log of a chat."),
    Call(
        "GET",
        "/api/v1/chats/{id}/export",
        "The log as a file.",
        query=chat_logs.ExportQuery,
        answers={200: (JSON, "text/plain")},
    ),
    Call("POST", "/api/v1/chats/{id}/ticket", "The ticket of a chat, made once.", answers=MADE_OR_THERE),
    Call("GET", "/api/v1/tickets", "Tickets.", query=tickets.TicketQuery),
    Call("GET", "/api/v1/tickets/{id}", "A ticket."),
    Call("PATCH", "/api/v1/tickets/{id}", "Changes a ticket.", tickets.TicketPatch),
    Call("GET", "/api/v1/tickets/{id}/comments", "What agents wrote about a ticket.", query=comments.CommentQuery),
    Call("POST", "/api/v1/tickets/{id}/comments", "Adds a comment, once.", comments.NewComment, answers=MADE_OR_THERE),
)

_PROBLEM_SCHEMA: Json = {
    "description": "RFC 9457, with a stable code.",
    "type": "object",
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"enum": [str(code) for code in ERRORS]},
        "detail": {"type": "string"},
        "current": {"description": "Of a conflict: what is there now."},
        "retry_after_s": {"type": "integer"},
    },
    "required": ["type", "title", "status", "code", "detail"],
}


def document() -> Json:
    """The whole of it."""
    kinds = [kind for call in CALLS for kind in (call.body, call.query) if kind is not None]
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    paths: dict[str, Json] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, schemas)
    queries = {call.query.__name__ for call in CALLS if call.query is not None}
    kept = {name: schema for name, schema in schemas.items() if name not in queries}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Palique, the gateway's HTTP API",
            "version": "1",
            "description": "What calls answer, and the websockets beside them, is told in docs/protocol.md.",
        },
        "paths": paths,
        "components": {
            "schemas": {**kept, "Problem": _PROBLEM_SCHEMA},
            "responses": {"Problem": {"description": "Refused.", "content": _content([PROBLEM], _ref("Problem"))}},
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE}},
        },
    }


def encoded() -> bytes:
    """As it is served and checked in."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=1) + b"\n"


class OpenApiRoutes:
    """`/openapi.json`, for everybody: it holds nothing that the docs do not."""

    def __init__(self) -> None:
        self._body = encoded()

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        return [guard.route(ADDRESS, {"GET": self._show})]

    async def _show(self, _: Request) -> Response:
        return Response(self._body, media_type=JSON)


def _operation(call: Call, schemas: dict[str, Json]) -> Json:
    found: Json = {"summary": call.does, "operationId": _name(call)}
    parameters = [*_path_parameters(call), *_query_parameters(call, schemas)]
    if parameters:
        found["parameters"] = parameters
    if call.body is not None:
        found["requestBody"] = {"required": True, "content": _content(call.takes, _ref(call.body.__name__))}
    elif call.takes != (JSON,):
        found["requestBody"] = {"required": True, "content": _content(call.takes, {})}
    found["responses"] = {str(status): _answer(types) for status, types in call.answers.items()}
    found["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    if not call.open:
        found["security"] = [{"session": []}]
    return found


def _name(call: Call) -> str:
    words = re.findall(r"[a-z]+", call.path.removeprefix("/api/v1"))
    return call.method.lower() + "".join(word.capitalize() for word in words)


def _path_parameters(call: Call) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", call.path)
    ]


def _query_parameters(call: Call, schemas: dict[str, Json]) -> list[Json]:
    if call.query is None:
        return []
    schema = schemas[call.query.__name__]
    needed = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": kind}
        for name, kind in schema["properties"].items()
    ]


def _answer(types: Iterable[str]) -> Json:
    content = _content(types, {})
    return {"description": "Done.", **({"content": content} if content else {})}


def _content(types: Iterable[str], schema: Json) -> Json:
    return {kind: {"schema": schema} for kind in types}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
