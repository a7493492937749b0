"""Traces: the effects of one call across gateway, services, MongoDB and RabbitMQ. The traces here record nothing.

`exported_traces.py` has those that a collector gets.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import grpc


class Traces:
    """Span makers for each part of a process. These do nothing, without cost."""

    def of_rpc_server(self) -> list[grpc.aio.ServerInterceptor]:
        """Interceptors that go before all others."""
        return []

    def of_rpc_clients(self) -> list[grpc.aio.ClientInterceptor]:
        return []

    def of_mongodb(self) -> Sequence[object]:
        """Listeners of commands, for the driver."""
        return []

    @contextmanager
    def publishing(self, exchange: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002 - for traces that are exported
        """Span around a publish; yields the headers to send."""
        yield {}

    @contextmanager
    def taking(self, exchange: str, headers: Mapping[str, object]) -> Iterator[None]:  # noqa: ARG002
        """Span around the handling of a message with these headers."""
        yield

    def close(self) -> None:
        """Exports the last spans and shuts down. Blocks on the collector: call it in a thread."""


NO_TRACES = Traces()
