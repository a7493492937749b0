"""How the public port is served: uvicorn's settings, each with its reason."""

from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from kit.runtime.http_server import split_address
from services.gateway.connection.transport import MAX_MESSAGE_BYTES, FlushQueues, Transport

# For answers to requests in hand, after the sockets are gone.
HTTP_GRACE_S = 2
# Pending connections: a crowd that reconnects at once.
BACKLOG = 4096


def public_config(app: ASGIApp, address: str, waiting: FlushQueues) -> uvicorn.Config:
    """ValueError when the address is not host:port."""
    host, port = split_address(address)
    return uvicorn.Config(
        app,
        interface="asgi3",
        host=host,
        port=port,
        ws=cast(type[Transport], partial(Transport, waiting)),
        ws_max_size=MAX_MESSAGE_BYTES,
        # Our own machine asks silent peers for a sign of life, and only those.
        ws_ping_interval=None,
        # Doubles CPU and memory for frames of some hundred bytes.
        ws_per_message_deflate=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        # At `info` uvicorn logs the path and query of every websocket (I-19).
        log_level="warning",
        # The client's address comes from our own list of proxies (I-24).
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=HTTP_GRACE_S,
    )
