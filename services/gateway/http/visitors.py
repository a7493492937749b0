"""Routes of a visitor's profile and the notes about them (requirements S-23 to S-29)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
from msgspec import UNSET
from palique.presence.v1 import presence_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.entry_json import CLIENT_ID_LIMIT, TEXT_LIMIT
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.problems import Conflict, Guard, json_response
from services.gateway.http.request_body import Version, path_id, read_json
from services.gateway.http.visitor_json import VisitorPatch, visitor_json


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note. Repeating the request with the same `client_id` adds nothing."""

    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=CLIENT_ID_LIMIT)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT)]


class NotePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new text for the note at `version`."""

    version: Version
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT)]


class VisitorRoutes:
    """`/api/v1/visitors/{id}` and its notes."""

    def __init__(self, backends: Backends) -> None:
        self._presence = backends.presence

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        one = {"GET": signed_in(self._read), "PATCH": signed_in(self._edit)}
        return [
            guard.route("/api/v1/visitors/{id}", one),
            guard.route("/api/v1/visitors/{id}/notes", {"POST": signed_in(self._add_note)}),
            guard.route("/api/v1/visitors/{id}/notes/{note}", {"PATCH": signed_in(self._edit_note)}),
        ]

    async def _read(self, request: Request, agent: AgentIdentity) -> Response:
        return json_response(visitor_json(await self._visitor(agent.site_key, path_id(request))))

    async def _edit(self, request: Request, agent: AgentIdentity) -> Response:
        visitor_id = path_id(request)
        body = await read_json(request, VisitorPatch)
        call = presence_pb2.EditVisitorRequest(site=agent.site_key, visitor=visitor_id, version=body.version)
        for name in body.__struct_fields__:
            value = getattr(body, name)
            if name != "version" and value is not UNSET:
                setattr(call, name, value or "")
        async with self._with_current_on_conflict(agent.site_key, visitor_id):
            answer = await self._presence.call(lambda stub: stub.EditVisitor, call, key=visitor_id)
        return json_response(visitor_json(answer.visitor))

    async def _add_note(self, request: Request, agent: AgentIdentity) -> Response:
        visitor_id = path_id(request)
        body = await read_json(request, NewNote)
        call = presence_pb2.AddNoteRequest(
            site=agent.site_key,
            visitor=visitor_id,
            note=body.client_id,
            text=body.text,
            author_kind="agent",
            author=agent.id,
            author_name=agent.name,
        )
        answer = await self._presence.call(lambda stub: stub.AddNote, call, key=visitor_id)
        return json_response(visitor_json(answer.visitor))

    async def _edit_note(self, request: Request, agent: AgentIdentity) -> Response:
        visitor_id = path_id(request)
        body = await read_json(request, NotePatch)
        call = presence_pb2.EditNoteRequest(
            site=agent.site_key,
            visitor=visitor_id,
            note=path_id(request, "note"),
            version=body.version,
            text=body.text,
            editor_kind="agent",
            editor=agent.id,
            editor_name=agent.name,
            others=agent.role == "administrator",
        )
        async with self._with_current_on_conflict(agent.site_key, visitor_id):
            answer = await self._presence.call(lambda stub: stub.EditNote, call, key=visitor_id)
        return json_response(visitor_json(answer.visitor))

    @asynccontextmanager
    async def _with_current_on_conflict(self, site_key: str, visitor_id: str) -> AsyncIterator[None]:
        """Adds the current profile to a conflict."""
        try:
            yield
        except Refused as refused:
            if refused.code is not Code.CONFLICT:
                raise
            raise Conflict(refused, visitor_json(await self._visitor(site_key, visitor_id))) from None

    async def _visitor(self, site_key: str, visitor_id: str) -> presence_pb2.Visitor:
        call = presence_pb2.GetVisitorRequest(site=site_key, visitor=visitor_id)
        return (await self._presence.call(lambda stub: stub.GetVisitor, call, key=visitor_id)).visitor
