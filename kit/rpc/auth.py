"""Authentication of gRPC calls. Every call needs a bearer token, and every method answers for one site.

Tokens come from configuration; the scope of a token is one site or `*`. Every request message has a field `site` (a test checks the
contracts for it), which the interceptor compares with the scope, so that no handler can forget the check.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kit.codes import Code, Refused
from kit.config.loader import BadSetting
from kit.ids import new_id
from kit.rpc.errors import RETRY_MS, STATUS, metadata_of
from kit.runtime.logs import Log

ALL_SITES = "*"
# Of calls without a deadline, and the longest of any call: no method takes longer.
DEFAULT_DEADLINE_S = 10.0
# Need no token: probes and reflection reveal no data.
_OPEN = ("/grpc.health.", "/grpc.reflection.")
_SCHEME = "Bearer "
PersonT = TypeVar("PersonT")


class Caller(NamedTuple):
    """The owner of a call's token."""

    name: str
    scope: str

    @property
    def is_ours(self) -> bool:
        """True for one of Palique's own services, which acts for people that it has signed in."""
        return self.scope == ALL_SITES

    def may(self, site: str) -> bool:
        return bool(site) and self.scope in (site, ALL_SITES)

    def acts_as(self, named: Callable[[], PersonT], make: Callable[[str, str, str], PersonT]) -> PersonT:
        """The person that a call acts as. A caller with a token of one site is itself, as an integration, whatever the call names.

        `named` returns the person that the call names, or raises Refused. `make` takes kind, id and name.
        """
        return named() if self.is_ours else make("integration", self.name, self.name)


_caller: ContextVar[Caller] = ContextVar("palique_caller")


def current_caller() -> Caller:
    """The caller of the call that this task handles."""
    return _caller.get()


class Tokens:
    """The accepted tokens, written `name:scope:token`. BadSetting for any other form or an empty part."""

    def __init__(self, written: Iterable[str]) -> None:
        self._callers: list[tuple[bytes, Caller]] = []
        for position, item in enumerate(written, start=1):
            parts = item.split(":", 2)
            if len(parts) != 3 or not all(parts):
                # The item itself is a secret.
                raise BadSetting(f"PALIQUE_RPC_TOKENS: item {position} is not name:scope:token")
            name, scope, token = parts
            self._callers.append((token.encode(), Caller(name, scope)))

    def caller(self, authorization: str) -> Caller | None:
        """The owner of the bearer token, or None. Compares with every token, in constant time each."""
        if not authorization.startswith(_SCHEME):
            return None
        offered = authorization.removeprefix(_SCHEME).encode()
        found = None
        for token, caller in self._callers:
            if hmac.compare_digest(token, offered):
                found = caller
        return found


Context = grpc.aio.ServicerContext[object, object]
Handler = Callable[[object, Context], Awaitable[Message]]
# Quoted: grpc's class is generic in its stubs only.
MethodHandler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class AuthInterceptor(grpc.aio.ServerInterceptor):
    """Wraps every method: token, site, deadline, refusals, timing, a log line for an unexpected error."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        log: Log,
        registry: CollectorRegistry,
        default_deadline_s: float = DEFAULT_DEADLINE_S,
    ) -> None:
        self._tokens = tokens
        self._default_deadline_s = default_deadline_s
        self._log = log
        self._seconds = Histogram(
            "palique_rpc_handled_seconds", "Time to handle a call.", ["method", "code"], registry=registry
        )
        self._in_flight = Gauge("palique_rpc_in_flight", "Calls that are being handled.", registry=registry)
        self._restarts = Counter(
            "palique_rpc_restarts",
            "Restarts of the server after a call that the library cannot read.",
            registry=registry,
        )

    def expect(self, methods: Iterable[str]) -> None:
        """Creates their series with value 0, so that a rate counts the first call of each."""
        for name in methods:
            self._seconds.labels(name, "ok")

    def count_restart(self) -> None:
        """The library's server has ended, and another one follows."""
        self._restarts.inc()
        self._log.info("gRPC server restarted")

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "Awaitable[MethodHandler | None]"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "MethodHandler | None":
        handler = await continuation(handler_call_details)
        method = str(handler_call_details.method)
        if handler is None or method.startswith(_OPEN):
            return handler
        return grpc.unary_unary_rpc_method_handler(
            self._gated(cast(Handler, handler.unary_unary), method),
            request_deserializer=_lenient(handler.request_deserializer),
            response_serializer=handler.response_serializer,
        )

    def _gated(self, inner: Handler, method: str) -> Handler:
        name = method.rsplit("/", 1)[-1]

        async def gated(request: object, context: Context) -> Message:
            started = time.perf_counter()
            code = "cancelled"
            self._in_flight.inc()
            try:
                with structlog.contextvars.bound_contextvars(request=new_id(), method=name):
                    response = await self._answer(inner, request, context)
                code = "ok"
            except Refused as refused:
                code = str(refused.code)
                context.set_trailing_metadata(metadata_of(refused))
                await context.abort(STATUS[refused.code], refused.message)
            except Exception:  # noqa: BLE001 - logged here; the caller gets no details
                code = "internal"
                self._log.exception("call failed", method=name)
                await context.abort(grpc.StatusCode.INTERNAL, "Internal error; see the log of the service.")
            finally:
                self._in_flight.dec()
                self._seconds.labels(name, code).observe(time.perf_counter() - started)
            return response

        return gated

    async def _answer(self, inner: Handler, request: Any, context: Context) -> Message:
        metadata = dict(context.invocation_metadata() or ())
        caller = self._tokens.caller(str(metadata.get("authorization", "")))
        if caller is None:
            raise Refused(Code.NOT_SIGNED_IN, "The call carries no known token.")
        if request is _MALFORMED:
            raise Refused(Code.INVALID, "The request does not match the contract.")
        if not caller.may(request.site):
            raise Refused(Code.FORBIDDEN, "The token does not cover this site.")
        _caller.set(caller)
        # The stub files omit None, for a call without a deadline.
        remaining_s = cast(float | None, context.time_remaining())
        limit_s = self._default_deadline_s if remaining_s is None else min(remaining_s, self._default_deadline_s)
        try:
            async with asyncio.timeout(limit_s):
                return await inner(request, context)
        except TimeoutError:
            raise Refused(Code.RETRY, "It took too long; the outcome is unknown.", retry_ms=RETRY_MS) from None


# Stands for a request that cannot be decoded: the library would answer it before the token is checked.
_MALFORMED = object()


def _lenient(deserializer: Callable[[bytes], object] | None) -> Callable[[bytes], object]:
    def deserialize(body: bytes) -> object:
        try:
            return deserializer(body) if deserializer else body
        except DecodeError:
            return _MALFORMED

    return deserialize
