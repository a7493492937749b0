"""The two types of frame handlers. Both answer over the connection."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.gateway.connection.connection import Connection
from services.gateway.connection.peer import PeerIdentity

# Runs within the call, without a task; calls `protocol.request_done` itself, now or later. Must not raise.
SyncHandler = Callable[[Connection, PeerIdentity, Any], None]
# Runs in a task; the dispatcher calls `protocol.request_done` and turns an exception into the answer.
AsyncHandler = Callable[[Connection, PeerIdentity, Any], Awaitable[None]]
