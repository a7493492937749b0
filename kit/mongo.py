"""The one door to MongoDB beside the `store.py` files, so that changing the driver is an afternoon's work.

Every write is acknowledged by a majority and every read is of what a majority has, unless a store says otherwise.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from opentelemetry.instrumentation.pymongo import CommandTracer
from prometheus_client import CollectorRegistry, Gauge, Histogram
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError, WriteConcernError
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
    TopologyClosedEvent,
    TopologyDescriptionChangedEvent,
    TopologyListener,
    TopologyOpenedEvent,
)

from kit.codes import Refused
from kit.runtime.logs import Log
from kit.runtime.traces import NO_TRACES, Traces

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]

# A fail-over takes about 12 s with MongoDB's defaults; callers are told `retry` well before and come back.
SELECT_TIMEOUT_MS = 3000
# No statement of ours takes this long on a healthy server.
SOCKET_TIMEOUT_MS = 8000
MAJORITY_TIMEOUT_MS = 5000
CONNECT_TIMEOUT_MS = 2000
# A database that starts beside us is there within seconds.
PREPARE_AGAIN_S = 0.5


def connect(url: str, *, app: str, registry: CollectorRegistry, traces: Traces = NO_TRACES) -> Client:
    """A client that measures its commands. Connects on first use; never raises here for an absent server."""
    return AsyncIOMotorClient(
        url,
        appname=f"palique-{app}",
        w="majority",
        journal=True,
        wTimeoutMS=MAJORITY_TIMEOUT_MS,
        readConcernLevel="majority",
        serverSelectionTimeoutMS=SELECT_TIMEOUT_MS,
        socketTimeoutMS=SOCKET_TIMEOUT_MS,
        connectTimeoutMS=CONNECT_TIMEOUT_MS,
        event_listeners=[
            _Timing(registry),
            _Standing(registry),
            # Tells the names of commands and collections, no values.
            *([CommandTracer(traces.tracer)] if traces.tracer else []),
        ],
    )


async def answers(client: Client) -> bool:
    """Whether a primary is there: for the readiness probe."""
    # Asked of the server and not of the client's view of the set: a client that is given one member only has none.
    return bool((await client.admin.command("hello")).get("isWritablePrimary"))


async def prepared(prepare: Callable[[], Awaitable[None]], stopping: asyncio.Event, log: Log) -> bool:
    """Has the database prepared as soon as it is there; False when told to stop meanwhile. Its probes tell that it is missing."""
    while not stopping.is_set():
        try:
            await prepare()
        except (PyMongoError, Refused) as error:
            log.warning("waiting for the database", error=type(error).__name__)
            await asyncio.sleep(PREPARE_AGAIN_S)
        else:
            return True
    return False


def outcome_unknown(error: PyMongoError) -> bool:
    """True when a write that raised this may have happened or may yet happen."""
    if isinstance(error, ConnectionFailure | WriteConcernError | ExecutionTimeout):
        return True
    return error.has_error_label("RetryableWriteError")


class _Timing(CommandListener):
    """Observes each command's time. pymongo calls it from its worker threads; the histogram is safe for that."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "palique_mongo_command_seconds", "Time of a MongoDB command.", ["command", "outcome"], registry=registry
        )

    def started(self, event: CommandStartedEvent) -> None:
        pass

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._seconds.labels(event.command_name, "ok").observe(event.duration_micros / 1e6)

    def failed(self, event: CommandFailedEvent) -> None:
        self._seconds.labels(event.command_name, "error").observe(event.duration_micros / 1e6)


class _Standing(TopologyListener):
    """Whether a primary is known. While there is none no command is even sent, so that none fails."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._connected = Gauge("palique_mongo_connected", "1 while a primary is known.", registry=registry)

    def opened(self, event: TopologyOpenedEvent) -> None:
        pass

    def description_changed(self, event: TopologyDescriptionChangedEvent) -> None:
        self._connected.set(event.new_description.has_writable_server())

    def closed(self, event: TopologyClosedEvent) -> None:
        pass
