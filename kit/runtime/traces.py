"""Traces: what one call caused, across gateway, services, MongoDB and RabbitMQ, told to a collector by OpenTelemetry.

Off unless a collector is set; then nothing here stands in any call's way. A trace begins where the gateway calls a service, and carries on through the
database commands, the messages on the bus and whatever their consumers call. Messages travel in batches: a trace is that of a batch, and what several
callers' batches join into belongs to the trace of the first. Spans name methods, collections and exchanges; never what people wrote.
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

# The collector is beside us; a process that stops does not wait longer for it than for anything else.
EXPORT_TIMEOUT_S = 2.0


class Traces:
    """What each part of a process needs to tell of its calls; without a provider it gives nothing and does nothing."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider
        self.tracer = provider.get_tracer("palique") if provider else None
        self._carrier = TraceContextTextMapPropagator()

    def of_rpc_server(self) -> list[grpc.aio.ServerInterceptor]:
        """To stand before all others. Probes are not traced."""
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
        """Around a publish: gives the headers to send. What belongs to no trace, as a beat of the clock does, starts none."""
        headers: dict[str, Any] = {}
        if self.tracer is None or not get_current_span().get_span_context().is_valid:
            yield headers
            return
        with self.tracer.start_as_current_span(f"publish {exchange}", kind=SpanKind.PRODUCER):
            self._carrier.inject(headers)
            yield headers

    @contextmanager
    def taking(self, exchange: str, headers: Mapping[str, Any]) -> Iterator[None]:
        """Around handling what came by the bus, with the headers that it had."""
        if self.tracer is None or "traceparent" not in headers:
            yield
            return
        sender = self._carrier.extract({key: str(value) for key, value in headers.items()})
        with self.tracer.start_as_current_span(f"take {exchange}", context=sender, kind=SpanKind.CONSUMER):
            yield

    def close(self) -> None:
        """Tells what is left to tell, and ends. Waits for the collector: to be called in a thread."""
        if self._provider is not None:
            self._provider.shutdown()


NO_TRACES = Traces()


def traces_to(url: str, share: float, *, service: str) -> Traces:
    """Traces of this service to a collector at `url`; `share` of those that begin here, 0 … 1. NO_TRACES without an address."""
    if not url:
        return NO_TRACES
    provider = TracerProvider(
        # Only what is said here: the library would read OTEL_* and the host's name beside our own settings.
        resource=Resource({SERVICE_NAME: f"palique-{service}"}),
        sampler=ParentBased(TraceIdRatioBased(share)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=EXPORT_TIMEOUT_S)))
    return Traces(provider)
