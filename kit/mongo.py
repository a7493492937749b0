"""MongoDB client: connection options, readiness, metrics. Beside the store modules the only user of the driver.

Writes wait for a majority, and reads return what a majority has, unless a store asks for something else.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
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

# A fail-over takes about 12 s with MongoDB's defaults; callers get `retry` well before.
SELECT_TIMEOUT_MS = 3000
# No command takes this long on a healthy server.
SOCKET_TIMEOUT_MS = 8000
MAJORITY_TIMEOUT_MS = 5000
CONNECT_TIMEOUT_MS = 2000
# A database that starts together with the service answers within seconds.
PREPARE_EVERY_S = 0.5


def connect(url: str, *, app: str, registry: CollectorRegistry, traces: Traces = NO_TRACES) -> Client:
    """A client that measures its commands. Connects on first use, so an absent server raises nothing here."""
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
        event_listeners=[_Timing(registry), _Topology(registry), *traces.of_mongodb()],
    )


def close(client: Client) -> None:
    """Closes the client without a wait. The driver joins its monitors, up to a second each, which would block the event loop.

    A process ends after the thread, so the server gets the end of the sessions.
    """
    threading.Thread(target=client.close, name="mongo-close").start()


async def answers(client: Client) -> bool:
    """True while a primary answers: for the readiness probe."""
    # Asks the server: a client with the address of one member only has no view of the set.
    return bool((await client.admin.command("hello")).get("isWritablePrimary"))


async def prepared(prepare: Callable[[], Awaitable[None]], stopping: asyncio.Event, log: Log) -> bool:
    """Calls `prepare` until it succeeds; False when `stopping` is set before. Meanwhile the readiness probe reports the database missing."""
    while not stopping.is_set():
        try:
            await prepare()
        except (PyMongoError, Refused) as error:
            log.warning("database not ready", error=type(error).__name__)
            await asyncio.sleep(PREPARE_EVERY_S)
        else:
            return True
    return False


def outcome_unknown(error: PyMongoError) -> bool:
    """True when the write that raised this may have been or may yet be applied."""
    if isinstance(error, ConnectionFailure | WriteConcernError | ExecutionTimeout):
        return True
    return error.has_error_label("RetryableWriteError")


class _Timing(CommandListener):
    """Measures commands. pymongo calls it from its worker threads, for which the histogram is safe."""

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


class _Topology(TopologyListener):
    """Gauge of a known primary. Failed commands do not show its absence: without a primary none is sent."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._connected = Gauge("palique_mongo_connected", "1 while a primary is known.", registry=registry)

    def opened(self, event: TopologyOpenedEvent) -> None:
        pass

    def description_changed(self, event: TopologyDescriptionChangedEvent) -> None:
        self._connected.set(event.new_description.has_writable_server())

    def closed(self, event: TopologyClosedEvent) -> None:
        pass
