"""Serves peers on uvicorn with the configuration of Palique's gateway, so that only the application differs."""

import sys
from typing import Any

import uvicorn


def serve(app: Any) -> None:
    """Serves on the port of the command line until it is killed."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="warning",
        backlog=4096,
    )
