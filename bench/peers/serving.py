"""How the peers that run on uvicorn are served: as Palique's gateway is, so that what differs is theirs."""

import sys
from typing import Any

import uvicorn


def serve(app: Any) -> None:
    """On the port that the command line names, until it is killed."""
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
