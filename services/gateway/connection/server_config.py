"""Configuration of uvicorn for the public port, with the reason of each setting."""

from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from kit.runtime.http_server import LOG_LEVEL, split_address
from kit.runtime.peer_faults import PeerFaults
from services.gateway.connection.transport import INPUT_LIMITS, MAX_MESSAGE_BYTES, FlushQueues, InputLimits, Transport

# Pending TCP connections: many clients may reconnect at once.
BACKLOG = 4096


def public_config(
    app: ASGIApp, address: str, queues: FlushQueues, faults: PeerFaults, limits: InputLimits = INPUT_LIMITS
) -> uvicorn.Config:
    """ValueError when the address is not host:port."""
    host, port = split_address(address)
    return uvicorn.Config(
        app,
        interface="asgi3",
        host=host,
        port=port,
        ws=cast(type[Transport], partial(Transport, queues, limits, faults)),
        ws_max_size=MAX_MESSAGE_BYTES,
        # ConnectionProtocol pings silent clients, and only those.
        ws_ping_interval=None,
        # Doubles CPU and memory for frames of some hundred bytes.
        ws_per_message_deflate=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level=LOG_LEVEL,
        # The client's address comes from the list of trusted proxies in the settings (requirement I-24).
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
    )
