"""The two forms of a handler of a frame. Both answer over the link; what a handler raises becomes the answer (`desk`)."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.gateway.connection.connection import Connection, PeerIdentity

# Done within the call, without a task each; tells the machine itself when it is done. Must not raise.
SyncHandler = Callable[[Connection, PeerIdentity, Any], None]
# A task each; the desk tells the machine when it is done.
AsyncHandler = Callable[[Connection, PeerIdentity, Any], Awaitable[None]]
