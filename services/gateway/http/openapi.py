"""The OpenAPI document of the HTTP API: `/openapi.json`, checked in as docs/openapi.json.

Schemas come from the structs that handlers decode and encode. `CALLS` names them.
The dashboard's TypeScript types are generated from this document.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.gateway.accounts.identity import SESSION_COOKIE
from services.gateway.http.api_calls import CALLS, JSON, Call, StructType
from services.gateway.http.problems import PROBLEM_TYPE, Guard, Problem

ADDRESS = "/openapi.json"
Json = dict[str, Any]


def document() -> Json:
    """The whole document."""
    kinds = [kind for call in CALLS for kind in (call.body, call.query, *call.answers) if kind is not None]
    _, schemas = msgspec.json.schema_components([*kinds, Problem], ref_template="#/components/schemas/{name}")
    paths: dict[str, Json] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, schemas)
    queries = {call.query.__name__ for call in CALLS if call.query is not None}
    problem = {"description": "Refused.", "content": {PROBLEM_TYPE: {"schema": _ref(Problem)}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Palique, the gateway's HTTP API",
            "version": "1",
            "description": "docs/protocol.md describes the rules of these calls, and the websockets.",
        },
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name not in queries},
            "responses": {"Problem": problem},
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE}},
        },
    }


def encoded() -> bytes:
    """The document as it is served and checked in."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=1) + b"\n"


class OpenApiRoutes:
    """`/openapi.json`, without a session: it contains nothing that the public documents do not."""

    def __init__(self) -> None:
        self._body = encoded()

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        return [guard.route(ADDRESS, {"GET": self._show})]

    async def _show(self, _: Request) -> Response:
        return Response(self._body, media_type=JSON)


def _operation(call: Call, schemas: Mapping[str, Json]) -> Json:
    found: Json = {"summary": call.summary, "operationId": _name(call)}
    parameters = [*_path_parameters(call), *_query_parameters(call, schemas)]
    if parameters:
        found["parameters"] = parameters
    if call.body is not None:
        found["requestBody"] = {"required": True, "content": {kind: {"schema": _ref(call.body)} for kind in call.takes}}
    elif call.takes != (JSON,):
        found["requestBody"] = {"required": True, "content": {kind: {"schema": {}} for kind in call.takes}}
    found["responses"] = {str(status): _response(types, call.answers) for status, types in call.media.items()}
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


def _query_parameters(call: Call, schemas: Mapping[str, Json]) -> list[Json]:
    if call.query is None:
        return []
    schema = schemas[call.query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": kind}
        for name, kind in schema["properties"].items()
    ]


def _response(types: Iterable[str], answers: tuple[StructType, ...]) -> Json:
    refs = [_ref(answer) for answer in answers]
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    content = {kind: {"schema": schema if kind == JSON else {}} for kind in types}
    return {"description": "Done.", **({"content": content} if content else {})}


def _ref(kind: StructType) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
