"""Responses of the HTTP API, and problem documents (`application/problem+json`) for every refusal.

Every route is inside a `Resource`, so no exception of a handler reaches the server. A `Refused` becomes its problem document. Any
other exception becomes a 500 that names the request; the log line with that name contains no body.
"""

import math
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Annotated

import msgspec
import structlog
from msgspec import UNSET, UnsetType
from prometheus_client import CollectorRegistry, Histogram
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kit.codes import ERRORS, Code, Refused
from kit.ids import new_id
from kit.runtime.logs import Log
from services.gateway.accounts.origins import HOST_HINT, PublicOrigins
from services.gateway.http.response_headers import response_headers

Handler = Callable[[Request], Awaitable[Response]]
REQUEST_ID = "x-request-id"
NO_STORE = {"cache-control": "no-store"}
PROBLEM_TYPE = "application/problem+json"
SAFE_METHODS = frozenset({"GET", "HEAD"})
# A proxy below a path must remove it, and only the widget works there.
NOTHING_HERE = "There is nothing at this address. Palique has the root of its host, such as /dashboard/ and /widget.js."
# Refusals that are logged: a wrong password or set-up code, or a right that the agent does not have. Others need no account and are counted only.
LOGGED_REFUSALS = frozenset({Code.WRONG_CREDENTIALS, Code.WRONG_CODE, Code.FORBIDDEN})


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457, with a stable code. `current` is the current state, of a conflict; `field` is the field that does not fit."""

    type: str
    title: str
    status: int
    code: Code
    detail: str
    current: Annotated[object, msgspec.Meta(extra_json_schema={"description": "Of a conflict: the current state."})] = (
        UNSET
    )
    retry_after_s: int | UnsetType = UNSET
    field: str | UnsetType = UNSET


class BadField(Refused):
    """A refusal of one field's value (invalid). `reason` completes the sentence."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(Code.INVALID, f"The field {field} does not fit: {reason}.")
        self.field = field


class Conflict(Refused):
    """A refusal because another change came first; `current` is the current state, ready for JSON."""

    def __init__(self, refused: Refused, current: object) -> None:
        super().__init__(refused.code, refused.message)
        self.current = current


def too_fast(reason: str, wait_ms: int) -> Refused:
    """The refusal of a throttle; `wait_ms` is the time until the next attempt."""
    wait_s = math.ceil(wait_ms / 1000)
    return Refused(Code.TOO_FAST, f"{reason}; try again in {wait_s} s.", wait_ms)


def json_response(value: object, status: int = 200) -> Response:
    """A successful response. No cache stores it, because it depends on the session."""
    return Response(msgspec.json.encode(value), status, NO_STORE, "application/json")


def no_content() -> Response:
    """A successful response without a body."""
    return Response(status_code=204, headers=NO_STORE)


def problem(refused: Refused) -> Response:
    """The problem document of a refusal."""
    return _problem_response(ERRORS[refused.code].http, refused)


def _problem_response(status: int, refused: Refused) -> Response:
    headers = dict(NO_STORE)
    retry_after_s: int | UnsetType = UNSET
    if refused.retry_ms is not None:
        retry_after_s = math.ceil(refused.retry_ms / 1000)
        headers["retry-after"] = str(retry_after_s)
    if refused.code in {Code.NOT_SIGNED_IN, Code.WRONG_CREDENTIALS}:
        # RFC 9110 requires a challenge with a 401; browsers ignore this one.
        headers["www-authenticate"] = "Cookie"
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=refused.code,
        detail=refused.message,
        current=refused.current if isinstance(refused, Conflict) else UNSET,
        retry_after_s=retry_after_s,
        field=refused.field if isinstance(refused, BadField) else UNSET,
    )
    return Response(msgspec.json.encode(body), status, headers, PROBLEM_TYPE)


class Guard:
    """What all resources share: the log, the histogram of response times, the served hosts and the headers of every response."""

    def __init__(self, log: Log, registry: CollectorRegistry, public: PublicOrigins) -> None:
        self.log = log
        self.public = public
        self.headers = response_headers(https=public.use_https)
        self.seconds = Histogram(
            "palique_http_seconds", "Time to answer an HTTP call.", ["method", "route", "status"], registry=registry
        )

    def route(self, path: str, handlers: Mapping[str, Handler]) -> Route:
        """A route with a handler per method; the handler of GET also serves HEAD."""
        return Route(path, Resource(path, handlers, self))

    def api_fallback(self) -> Route:
        """Responds to every other path under `/api/` with a problem document, for any method."""
        return Route("/api/{path:path}", Resource("/api/", {}, self, _unknown_path))


class Resource:
    """The methods of one path, as an ASGI application."""

    def __init__(
        self, path: str, handlers: Mapping[str, Handler], guard: Guard, otherwise: Handler | None = None
    ) -> None:
        """`otherwise` handles the methods that are not in `handlers`; by default they get a 405."""
        self._path = path
        self._otherwise = otherwise or self._wrong_method
        self._handlers = dict(handlers)
        if "GET" in handlers:
            self._handlers["HEAD"] = handlers["GET"]
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        started = time.perf_counter()
        request = Request(scope, receive)
        with structlog.contextvars.bound_contextvars(request=new_id(), route=self._path):
            try:
                response = await self._respond(request)
            except ClientDisconnect:
                return
        # The client chooses an unknown method's name, so it is no metric label.
        method = request.method if request.method in self._handlers else "other"
        elapsed = time.perf_counter() - started
        self._guard.seconds.labels(method, self._path, str(response.status_code)).observe(elapsed)
        for name, value in self._guard.headers.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if "content-length" in request.headers and "transfer-encoding" in request.headers:
            return _ambiguous_length()
        if not self._guard.public.serves(request.headers.get("host", "")):
            return _other_host()
        handler = self._handlers.get(request.method, self._otherwise)
        try:
            response = await handler(request)
        except Refused as refused:
            if refused.code in LOGGED_REFUSALS:
                self._log_event("agent request refused", request, code=refused.code)
            return problem(refused)
        except ClientDisconnect:
            raise
        except Exception:
            self._guard.log.exception("request failed")
            return _internal_error()
        if request.method not in SAFE_METHODS and hasattr(request.state, "agent"):
            self._log_event("agent request completed", request)
        return response

    def _log_event(self, event: str, request: Request, **fields: str) -> None:
        caller = {name: getattr(request.state, name) for name in ("agent", "network") if hasattr(request.state, name)}
        self._guard.log.info(event, method=request.method, **caller, **fields)

    async def _wrong_method(self, _: Request) -> Response:
        methods = ", ".join(sorted(self._handlers))
        response = _problem_response(405, Refused(Code.INVALID, f"Use one of these methods: {methods}."))
        response.headers["allow"] = methods
        return response


def name_caller(request: Request, **caller: str) -> None:
    """Names the agent, or the network of a client without a session, for the log lines of this request."""
    for name, value in caller.items():
        setattr(request.state, name, value)


async def _unknown_path(_: Request) -> Response:
    raise Refused(Code.NOT_FOUND, NOTHING_HERE)


def _ambiguous_length() -> Response:
    """RFC 9112, section 6.1: a proxy may have read another end of this request, so the connection carries no further one."""
    response = problem(Refused(Code.INVALID, "Send either Content-Length or Transfer-Encoding."))
    response.headers["connection"] = "close"
    return response


def _other_host() -> Response:
    """RFC 9110, section 15.5.20: a page of another name must not become the dashboard's."""
    return _problem_response(
        421, Refused(Code.ORIGIN_REFUSED, f"Use one of PALIQUE_PUBLIC_ORIGINS as the address. {HOST_HINT}")
    )


def _internal_error() -> Response:
    """Names the request, which finds the log line."""
    request_id = str(structlog.contextvars.get_contextvars()["request"])
    response = problem(Refused(Code.INTERNAL, f"The server failed. Report the request {request_id}."))
    response.headers[REQUEST_ID] = request_id
    return response
