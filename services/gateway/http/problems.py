"""How an HTTP call is answered when it is not answered well: `application/problem+json` with a stable code.

Every route stands inside a `Resource`, so nothing that a handler raises reaches the server: a refusal becomes its problem, and
what nobody expected becomes a 500 that names the request, whose log line has no body in it.
"""

import math
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Histogram
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kit.codes import ERRORS, Code, Refused
from kit.ids import new_id
from kit.runtime.logs import Log

Handler = Callable[[Request], Awaitable[Response]]
REQUEST_ID = "x-request-id"


class Conflict(Refused):
    """Refused because somebody was first; `current` is what is there now, ready for JSON."""

    def __init__(self, refused: Refused, current: object) -> None:
        super().__init__(refused.code, refused.message)
        self.current = current


def json_response(value: object, status: int = 200) -> Response:
    """What an API call answers; never kept by a cache, for it is somebody's own."""
    return Response(
        msgspec.json.encode(value), status, media_type="application/json", headers={"cache-control": "no-store"}
    )


def problem(refused: Refused) -> Response:
    """A refusal as a problem document."""
    body: dict[str, Any] = {"code": str(refused.code), "detail": refused.message}
    response = _problem_response(ERRORS[refused.code].http, body, refused)
    if refused.code in {Code.NOT_SIGNED_IN, Code.WRONG_CREDENTIALS}:
        # RFC 9110 wants a challenge with a 401; browsers know none for a cookie and ignore it.
        response.headers["www-authenticate"] = "Cookie"
    return response


def _problem_response(status: int, body: dict[str, Any], refused: Refused | None = None) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **body}
    headers = {"cache-control": "no-store"}
    if isinstance(refused, Conflict):
        body["current"] = refused.current
    if refused is not None and refused.retry_ms is not None:
        body["retry_after_s"] = math.ceil(refused.retry_ms / 1000)
        headers["retry-after"] = str(body["retry_after_s"])
    return Response(msgspec.json.encode(body), status, headers, "application/problem+json")


class Guard:
    """What all resources share: the log, and the time of every call."""

    def __init__(self, log: Log, registry: CollectorRegistry) -> None:
        self.log = log
        self.seconds = Histogram(
            "palique_http_seconds", "Time to answer an HTTP call.", ["method", "route", "status"], registry=registry
        )

    def route(self, path: str, handlers: Mapping[str, Handler]) -> Route:
        """A route whose methods are `handlers`; GET answers HEAD too."""
        return Route(path, Resource(path, handlers, self))

    def api_fallback(self) -> Route:
        """Answers every other address under `/api/` with a problem, whatever the method."""
        return Route("/api/{path:path}", Resource("/api/", {}, self, _no_such_call))


class Resource:
    """The methods of one path, as an ASGI application."""

    def __init__(
        self, path: str, handlers: Mapping[str, Handler], guard: Guard, otherwise: Handler | None = None
    ) -> None:
        """`otherwise` takes the methods that `handlers` has not; without it they are answered with 405."""
        self._path = path
        self._otherwise = otherwise or self._wrong_method
        self._handlers = dict(handlers)
        if "GET" in handlers:
            self._handlers["HEAD"] = handlers["GET"]
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one call."""
        started = time.perf_counter()
        request = Request(scope, receive)
        with structlog.contextvars.bound_contextvars(request=new_id(), route=self._path):
            try:
                response = await self._answer(request)
            except ClientDisconnect:
                return
        # An unknown method is the client's text: no label of ours.
        method = request.method if request.method in self._handlers else "other"
        elapsed = time.perf_counter() - started
        self._guard.seconds.labels(method, self._path, str(response.status_code)).observe(elapsed)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        handler = self._handlers.get(request.method, self._otherwise)
        try:
            return await handler(request)
        except Refused as refused:
            return problem(refused)
        except ClientDisconnect:
            raise
        except Exception:
            self._guard.log.exception("a call failed")
            return _broken()

    async def _wrong_method(self, _: Request) -> Response:
        methods = ", ".join(sorted(self._handlers))
        response = _problem_response(405, {"code": str(Code.INVALID), "detail": f"This address takes {methods}."})
        response.headers["allow"] = methods
        return response


async def _no_such_call(_: Request) -> Response:
    raise Refused(Code.NOT_FOUND, "There is nothing at this address.")


def _broken() -> Response:
    """Names the request, so that the log line can be found."""
    request = structlog.contextvars.get_contextvars()["request"]
    response = problem(Refused(Code.INTERNAL, f"Something is wrong here. Request {request}."))
    response.headers[REQUEST_ID] = str(request)
    return response
