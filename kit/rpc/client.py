"""gRPC client: a pool of replicas per service. A call goes to the replica chosen by its key, then to the next when that is unreachable.

A retry on another replica is safe because every change in the contracts has a key that makes it idempotent.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Collection, Sequence
from typing import Generic, TypeVar

import grpc
from prometheus_client import CollectorRegistry, Histogram

from kit.codes import Refused
from kit.config.tls_files import TlsFiles
from kit.rpc.errors import is_refusal, refused_from
from kit.rpc.replicas import RESOLVE_EVERY_S, Replicas
from kit.rpc.server import MESSAGE_BYTES
from kit.rpc.tls import channel_credentials
from kit.runtime.traces import NO_TRACES, Traces

StubT = TypeVar("StubT")
RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")

CALL_TIMEOUT_S = 5.0
# A connection takes milliseconds on a working network, and a probe waits a second at most.
READY_WAIT_S = 0.5
# Between two polls for a connected replica, which cost microseconds.
POLL_EVERY_S = 0.02
# Between two tries of a call while the only connected replica stops.
RETRY_EVERY_S = 0.1
# The longest wait of the library before it reconnects: in a rolling restart the next replica stops meanwhile.
RECONNECT_WITHIN_S = 1.5
# After a time-out, calls go to other replicas for so long: until the pings below have found a black hole.
SUSPECT_S = 20.0
_OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    # A replica that restarted is used within a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # Finds a black hole in 15 s, also on an idle channel.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # Pools do not share connections.
    ("grpc.use_local_subchannel_pool", 1),
]


class RpcClients:
    """Token, TLS, metrics and traces of all calls of this process; shared by its pools."""

    def __init__(
        self, token: str, registry: CollectorRegistry, tls: TlsFiles | None = None, traces: Traces = NO_TRACES
    ) -> None:
        self.tls = tls
        self._traces = traces
        self.metadata = (("authorization", f"Bearer {token}"),)
        self.seconds = Histogram(
            "palique_rpc_call_seconds", "Time of a call to another service.", ["method", "code"], registry=registry
        )

    def channel(self, address: str, name: str) -> grpc.aio.Channel:
        """Channel to a replica at this address, whose certificate must be for `name`."""
        if self.tls is None:
            return grpc.aio.insecure_channel(address, options=_OPTIONS, interceptors=self._traces.of_rpc_clients())
        options = [*_OPTIONS, ("grpc.ssl_target_name_override", name)]
        return grpc.aio.secure_channel(
            address, channel_credentials(self.tls), options=options, interceptors=self._traces.of_rpc_clients()
        )


class Pool(Generic[StubT]):
    """The replicas of one service. Construct inside the running loop."""

    def __init__(
        self,
        addresses: Sequence[str],
        stub: Callable[[grpc.aio.Channel], StubT],
        clients: RpcClients,
        *,
        suspect_s: float = SUSPECT_S,
        reconnect_within_s: float = RECONNECT_WITHIN_S,
        resolve_every_s: float = RESOLVE_EVERY_S,
    ) -> None:
        if not addresses:
            raise ValueError("a pool needs one address at least")
        self._clients = clients
        self._suspect_until: dict[str, float] = {}
        self._suspect_s = suspect_s
        self._reconnect_within_s = reconnect_within_s
        self._replicas = Replicas(addresses, stub, clients.channel, clients.tls, resolve_every_s)

    async def call(
        self,
        method: Callable[[StubT], grpc.aio.UnaryUnaryMultiCallable[RequestT, ResponseT]],
        request: RequestT,
        *,
        key: str = "",
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> ResponseT:
        """The answer, or Refused. Calls with the same key go to the same replica while it is reachable.

        `timeout_s` bounds all attempts together; past it the outcome is unknown and the refusal has the code `retry`. When no replica
        is reachable, tries again for up to `reconnect_within_s`, because one may restart.
        """
        deadline = time.monotonic() + timeout_s
        give_up_at = 0.0
        while True:
            try:
                return await self._any(method, request, key, deadline)
            except grpc.aio.AioRpcError as error:
                give_up_at = give_up_at or min(deadline, time.monotonic() + self._reconnect_within_s)
                is_over = time.monotonic() >= give_up_at
                if is_over or not _is_unreachable(error) or not await self._ready_by(give_up_at):
                    raise refused_from(error) from error
            # A replica that stops stays connected for a moment, and cancels calls.
            await asyncio.sleep(RETRY_EVERY_S)

    async def _any(
        self,
        method: Callable[[StubT], grpc.aio.UnaryUnaryMultiCallable[RequestT, ResponseT]],
        request: RequestT,
        key: str,
        deadline: float,
    ) -> ResponseT:
        """The answer of the first reachable replica, or the error of the last one."""
        stubs = self._replicas.stubs()
        ranked = self._ranked(stubs, key)
        for position, address in enumerate(ranked, start=1):
            # The last replica gets all the remaining time, an earlier one half of it.
            share_s = (deadline - time.monotonic()) / (1 if position == len(ranked) else 2)
            try:
                return await self._once(method(stubs[address]), request, share_s)
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                    self._suspect_until[address] = time.monotonic() + self._suspect_s
                if position == len(ranked) or not _is_retryable(error):
                    raise
        raise AssertionError("a pool has one address at least")

    def first(self, key: str) -> str:
        """The replica that calls with this key try first. Keys with the same replica may share a batch."""
        return self._ranked(self._replicas.stubs(), key)[0]

    @property
    def addresses(self) -> Sequence[str]:
        """All replicas."""
        return list(self._replicas.stubs())

    async def ready(self, timeout_s: float = READY_WAIT_S) -> bool:
        """True once a replica is connected, False after `timeout_s`. For the readiness probe."""
        return await self._ready_by(time.monotonic() + timeout_s)

    async def _ready_by(self, deadline: float) -> bool:
        """True when a replica is connected now or before the deadline."""
        await self._replicas.resolved()
        # Polls: a cancelled wait of the library lives until the state of the channel changes, maybe in a closed loop.
        while not self._is_connected():
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(POLL_EVERY_S)
        return True

    def _is_connected(self) -> bool:
        """True with one connected replica; starts to connect the others."""
        states = [channel.get_state(try_to_connect=True) for channel in self._replicas.channels()]
        return grpc.ChannelConnectivity.READY in states

    async def close(self) -> None:
        """Closes the channels; running calls fail."""
        await self._replicas.close()

    async def _once(
        self, method: grpc.aio.UnaryUnaryMultiCallable[RequestT, ResponseT], request: RequestT, timeout_s: float
    ) -> ResponseT:
        started = time.perf_counter()
        code = "CANCELLED"
        try:
            response = await method(request, timeout=max(timeout_s, 0.001), metadata=self._clients.metadata)
            code = "OK"
        except grpc.aio.AioRpcError as error:
            code = error.code().name
            raise
        finally:
            name = type(request).__name__.removesuffix("Request")
            self._clients.seconds.labels(name, code).observe(time.perf_counter() - started)
        return response

    def _ranked(self, addresses: Collection[str], key: str) -> list[str]:
        """Rendezvous hashing: a new or lost replica moves only its own keys. Replicas after a time-out come last."""
        if len(addresses) == 1:
            return list(addresses)
        now = time.monotonic()
        suspects = {address for address, until in self._suspect_until.items() if until > now}

        def rank(address: str) -> tuple[bool, bytes]:
            return address in suspects, hashlib.blake2b(f"{address} {key}".encode()).digest()

        return sorted(addresses, key=rank)


def _is_unreachable(error: grpc.aio.AioRpcError) -> bool:
    """True when this replica is unreachable or stopping, which cancels new calls."""
    ended = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    return ended and not is_refusal(error)


def _is_retryable(error: grpc.aio.AioRpcError) -> bool:
    """True when another replica may answer: this one is unreachable or exceeded the time. A refusal is an answer."""
    return _is_unreachable(error) or (error.code() is grpc.StatusCode.DEADLINE_EXCEEDED and not is_refusal(error))


__all__ = ["Pool", "Refused", "RpcClients"]
