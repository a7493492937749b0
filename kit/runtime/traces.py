"""Traces: the effects of one call across gateway, services, MongoDB and RabbitMQ, sent to a collector by OpenTelemetry.

Off, and without cost, unless a collector is set. A trace begins where the gateway calls a service. It includes database commands,
messages on the bus and the calls of their consumers. Messages travel in batches, so a trace is that of a batch; a batch that joins
several callers belongs to the trace of the first. Spans name methods, collections and exchanges, never message texts.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.grpc import aio_client_interceptors, aio_server_interceptor, filters
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

# The collector is on the same network; a stopping process waits no longer for it.
EXPORT_TIMEOUT_S = 2.0


class Traces:
    """Span makers for each part of a process. Without a provider they do nothing."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider
        self.tracer = provider.get_tracer("palique") if provider else None
        self._carrier = TraceContextTextMapPropagator()

    def of_rpc_server(self) -> list[grpc.aio.ServerInterceptor]:
        """Interceptors that go before all others. Probes are not traced."""
        if self._provider is None:
            return []
        no_probes = filters.negate(filters.health_check())
        return [aio_server_interceptor(self._provider, filter_=no_probes)]  # type: ignore[no-untyped-call] # as the library is

    def of_rpc_clients(self) -> list[grpc.aio.ClientInterceptor]:
        if self._provider is None:
            return []
        return list(aio_client_interceptors(self._provider))  # type: ignore[no-untyped-call] # as the library is

    @contextmanager
    def publishing(self, exchange: str) -> Iterator[dict[str, Any]]:
        """Span around a publish; yields the headers to send. Starts no trace of its own: periodic messages belong to none."""
        headers: dict[str, Any] = {}
        if self.tracer is None or not get_current_span().get_span_context().is_valid:
            yield headers
            return
        with self.tracer.start_as_current_span(f"publish {exchange}", kind=SpanKind.PRODUCER):
            self._carrier.inject(headers)
            yield headers

    @contextmanager
    def taking(self, exchange: str, headers: Mapping[str, object]) -> Iterator[None]:
        """Span around the handling of a message with these headers."""
        if self.tracer is None or "traceparent" not in headers:
            yield
            return
        sender = self._carrier.extract({key: str(value) for key, value in headers.items()})
        with self.tracer.start_as_current_span(f"take {exchange}", context=sender, kind=SpanKind.CONSUMER):
            yield

    def close(self) -> None:
        """Exports the last spans and shuts down. Blocks on the collector: call it in a thread."""
        if self._provider is not None:
            self._provider.shutdown()


NO_TRACES = Traces()


def traces_to(url: str, share: float, *, service: str) -> Traces:
    """Traces to a collector at `url`, for `share` (0 to 1) of those that begin here. NO_TRACES without a URL."""
    if not url:
        return NO_TRACES
    provider = TracerProvider(
        # Not Resource.create: it adds OTEL_* variables and the host's name.
        resource=Resource({SERVICE_NAME: f"palique-{service}"}),
        sampler=ParentBased(TraceIdRatioBased(share)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=EXPORT_TIMEOUT_S)))
    return Traces(provider)
