"""Traces that OpenTelemetry sends to a collector.

Imported only where a collector is set: the SDK would take an eighth of the CPU time of a start.
A trace begins where the gateway calls a service. It includes database commands, messages on the bus and the calls of their consumers.
Messages travel in batches, so a trace is that of a batch; a batch that joins several callers belongs to the trace of the first.
Spans name methods, collections and exchanges, never message texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import grpc
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.grpc import aio_client_interceptors, aio_server_interceptor, filters
from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from kit.runtime.traces import Traces

# The collector is on the same network; a stopping process waits no longer for it.
EXPORT_TIMEOUT_S = 2.0


class ExportedTraces(Traces):
    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("palique")
        self._carrier = TraceContextTextMapPropagator()

    def of_rpc_server(self) -> list[grpc.aio.ServerInterceptor]:
        """Probes are not traced."""
        no_probes = filters.negate(filters.health_check())
        return [aio_server_interceptor(self._provider, filter_=no_probes)]  # type: ignore[no-untyped-call] # as the library is

    def of_rpc_clients(self) -> list[grpc.aio.ClientInterceptor]:
        return list(aio_client_interceptors(self._provider))  # type: ignore[no-untyped-call] # as the library is

    def of_mongodb(self) -> Sequence[object]:
        """Records names of commands and collections, no values."""
        return [CommandTracer(self._tracer)]

    @contextmanager
    def publishing(self, exchange: str) -> Iterator[dict[str, Any]]:
        """Starts no trace of its own: periodic messages belong to none."""
        headers: dict[str, Any] = {}
        if not get_current_span().get_span_context().is_valid:
            yield headers
            return
        with self._tracer.start_as_current_span(f"publish {exchange}", kind=SpanKind.PRODUCER):
            self._carrier.inject(headers)
            yield headers

    @contextmanager
    def taking(self, exchange: str, headers: Mapping[str, object]) -> Iterator[None]:
        if "traceparent" not in headers:
            yield
            return
        sender = self._carrier.extract({key: str(value) for key, value in headers.items()})
        with self._tracer.start_as_current_span(f"take {exchange}", context=sender, kind=SpanKind.CONSUMER):
            yield

    def close(self) -> None:
        self._provider.shutdown()


def traces_to(url: str, share: float, *, service: str) -> Traces:
    """Traces to a collector at `url`, for `share` (0 to 1) of those that begin here."""
    provider = TracerProvider(
        # Not Resource.create: it adds OTEL_* variables and the host's name.
        resource=Resource({SERVICE_NAME: f"palique-{service}"}),
        sampler=ParentBased(TraceIdRatioBased(share)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=EXPORT_TIMEOUT_S)))
    return ExportedTraces(provider)
