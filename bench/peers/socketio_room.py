"""Peer of B3: python-socketio with one room for all sockets. It runs in its own environment, which has the library.

`python -m bench.peers.socketio_room PORT`; POST /publish?times=N emits its body N times.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import socketio

from bench.peers.serving import serve

server = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], ping_interval=120)
pages = socketio.ASGIApp(server)


async def app(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, object]], Awaitable[None]],
) -> None:
    if scope["type"] != "http" or scope["path"] != "/publish":
        await pages(scope, receive, send)
        return
    text = (await receive())["body"].decode()
    for _ in range(int(parse_qs(scope["query_string"].decode()).get("times", ["1"])[0])):
        await server.emit("message", text)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    serve(app)
