"""Peer of B3: a plain Starlette application on uvicorn that sends to every websocket in a loop.

`python -m bench.peers.starlette_loop PORT`; POST /publish?times=N sends its body N times to every socket.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.peers.serving import serve


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
    serve(app)


if __name__ == "__main__":
    main()
