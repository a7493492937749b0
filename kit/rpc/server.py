"""gRPC server. Every call needs a bearer token, and every method answers for one site.

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
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from grpc_reflection.v1alpha import reflection
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kit.codes import Code, Refused
from kit.config.loader import BadSetting
from kit.config.tls_files import TlsFiles
from kit.ids import new_id
from kit.rpc.errors import RETRY_MS, STATUS, metadata_of
from kit.rpc.library_log import drop_undecodable
from kit.rpc.tls import server_credentials
from kit.runtime.logs import Log
from kit.runtime.traces import NO_TRACES, Traces

ALL_SITES = "*"
# Of calls without a deadline, and the longest of any call: no method takes longer.
DEFAULT_DEADLINE_S = 10.0
# Batches of 256 messages of 4,000 characters at four bytes.
MESSAGE_BYTES = 8 * 1024 * 1024
# Need no token: probes and reflection reveal no data.
_OPEN = ("/grpc.health.", "/grpc.reflection.")
_SCHEME = "Bearer "
# Bounds the memory for messages; further calls get RESOURCE_EXHAUSTED.
MAX_CALLS = 1000
_OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
    # Clients ping every 10 s to find black holes, which the default of the library forbids.
    ("grpc.http2.min_ping_interval_without_data_ms", 5000),
    ("grpc.keepalive_permit_without_calls", 1),
]

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


Context = grpc.aio.ServicerContext[Any, Any]
Handler = Callable[[Any, Context], Awaitable[Message]]
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

        async def gated(request: Any, context: Context) -> Message:
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


class RpcServer:
    """Server on one address with health, reflection and the methods of the service."""

    def __init__(
        self, address: str, gate: AuthInterceptor, tls: TlsFiles | None = None, traces: Traces = NO_TRACES
    ) -> None:
        self._address = address
        self._gate = gate
        self._tls = tls
        self._traces = traces
        self._health = health_aio.HealthServicer()
        self._services: dict[str, Callable[[grpc.aio.Server], None]] = {}
        self._serving = False
        drop_undecodable()

    async def is_serving(self) -> bool:
        """True while it accepts calls and is not stopping: for the readiness probe."""
        return self._serving

    def add(self, service: str, register: Callable[[grpc.aio.Server], None]) -> None:
        """Adds a service by its full name; `register` calls the generated `add_…_to_server`."""
        self._gate.expect(method.name for method in Default().FindServiceByName(service).methods)
        self._services[service] = register

    async def serve(self, stopping: asyncio.Event, grace_s: float = 5.0) -> None:
        """Serves until `stopping`, then completes running calls, `grace_s` at most. OSError when the address is taken.

        The library's server ends at a call whose path is no UTF-8. Another one follows at once; clients repeat their calls.
        """
        while not stopping.is_set():
            await self._serve_one(stopping, grace_s)
            if not stopping.is_set():
                self._gate.count_restart()

    async def _serve_one(self, stopping: asyncio.Event, grace_s: float) -> None:
        server = self._listening()
        await server.start()
        stopped = asyncio.ensure_future(stopping.wait())
        # Never cancelled: the library would then not finish its stop.
        ended = asyncio.ensure_future(server.wait_for_termination())
        try:
            for name in ("", *self._services):
                await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
            self._serving = True
            await asyncio.wait((stopped, ended), return_when=asyncio.FIRST_COMPLETED)
            self._serving = False
            if stopping.is_set():
                await self._health.enter_graceful_shutdown()
        except asyncio.CancelledError:
            grace_s = 0  # another task of this process failed
            raise
        finally:
            stopped.cancel()
            await server.stop(grace_s if stopping.is_set() else 0)
            await asyncio.wait((ended,))
            ended.exception()  # the reason why the library ended, which `serve` counts

    def _listening(self) -> grpc.aio.Server:
        server = grpc.aio.server(
            interceptors=[*self._traces.of_rpc_server(), self._gate],
            maximum_concurrent_rpcs=MAX_CALLS,
            options=_OPTIONS,
        )
        for register in self._services.values():
            register(server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        reflection.enable_server_reflection((*self._services, reflection.SERVICE_NAME), server)
        try:
            if self._tls is None:
                server.add_insecure_port(self._address)
            else:
                server.add_secure_port(self._address, server_credentials(self._tls))
        except RuntimeError:
            raise OSError(f"cannot listen on {self._address}") from None
        return server
