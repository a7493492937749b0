"""gRPC server with health, reflection and TLS. Its interceptor checks the token of every call."""

import asyncio
from collections.abc import Callable

import grpc
from google.protobuf.descriptor_pool import Default
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from grpc_reflection.v1alpha import reflection

from kit.config.tls_files import TlsFiles
from kit.rpc.auth import AuthInterceptor
from kit.rpc.library_log import drop_undecodable
from kit.rpc.tls import server_credentials
from kit.runtime.traces import NO_TRACES, Traces

# Batches of 256 messages of 4,000 characters at four bytes.
MESSAGE_BYTES = 8 * 1024 * 1024
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
