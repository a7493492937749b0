"""The plain way to tell many websockets the same: Starlette, uvicorn, and a loop that sends to each.

`python -m bench.peers.starlette_loop PORT`; POST /publish?times=N sends its body N times to every socket.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


class Room:
    """All sockets."""

    def __init__(self) -> None:
        self._sockets: set[WebSocket] = set()

    async def join(self, websocket: WebSocket) -> None:
        await websocket.accept()
        self._sockets.add(websocket)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            self._sockets.discard(websocket)

    async def publish(self, request: Request) -> Response:
        text = (await request.body()).decode()
        for _ in range(int(request.query_params.get("times", "1"))):
            for websocket in list(self._sockets):
                await websocket.send_text(text)
        return Response(status_code=204)


def main() -> None:
    room = Room()
    app = Starlette(routes=[WebSocketRoute("/ws", room.join), Route("/publish", room.publish, methods=["POST"])])
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


if __name__ == "__main__":
    main()
