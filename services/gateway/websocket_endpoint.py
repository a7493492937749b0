"""The two websocket endpoints: the handshake, and the life of a socket until its peer is gone.

A handshake is refused with HTTP (403 for the origin, 400 without our sub-protocol, 503 while draining); whatever comes later
ends with a close code. A link's own work happens in the wire's hooks; the endpoint only waits for the end.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from kit.codes import Close, Code
from kit.runtime.logs import Log
from services.gateway.client_info.address import GeoIp, Network, client_address
from services.gateway.client_info.user_agent import describe
from services.gateway.connection.connection import AGENT, VISITOR, ClientInfo, Connection
from services.gateway.connection.frame_codec import AGENT_DECODER, VISITOR_DECODER
from services.gateway.connection.frames import Drain
from services.gateway.connection.protocol import ConnectionProtocol
from services.gateway.connection.token_bucket import TokenBucket
from services.gateway.connection.transport import EXTENSION, Transport
from services.gateway.metrics import Metrics
from services.gateway.session.authentication import Authenticator
from services.gateway.session.dispatcher import FrameDispatcher

SUBPROTOCOL = "palique.v1"
# Versions that are ours but no longer served are told so in a way that browsers show to the page.
FAMILY = "palique.v"
TICK_S = 1.0
# Looked at between two turns of the event loop.
LINKS_A_TURN = 500
# Of the time to move, given on top to those who began at its end, before they are cut off.
LATECOMERS = 0.25
PATHS = {"/ws/visitor": VISITOR, "/ws/agent": AGENT}
DECODERS = {VISITOR: VISITOR_DECODER, AGENT: AGENT_DECODER}


class WebSocketEndpoint:
    """All sockets of this process, signed in or not yet. `run` must be running."""

    def __init__(
        self,
        desk: FrameDispatcher,
        admission: Authenticator,
        places: GeoIp,
        trusted_proxies: tuple[Network, ...],
        *,
        frame_rate: float,
        frame_burst: float,
        new_id: Callable[[], str],
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._desk = desk
        self._admission = admission
        self._places = places
        self._trusted = trusted_proxies
        self._frame_rate = frame_rate
        self._frame_burst = frame_burst
        self._new_id = new_id
        self._now = now
        self._log = log
        self._metrics = metrics
        self._open: set[Connection] = set()
        self._changed = asyncio.Event()
        self._draining = False

    def __len__(self) -> int:
        """Frames that wait for peers who read slowly."""
        return sum(link.buffered for link in self._open if link.is_slow)

    async def run(self) -> None:
        """Lets time pass for every socket, until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            for count, link in enumerate(list(self._open), 1):
                link.tick(self._now())
                if count % LINKS_A_TURN == 0:
                    await asyncio.sleep(0)

    async def drain(self, within_ms: int) -> None:
        """Asks every client to move elsewhere, each at a random moment within the time, then closes what is left.

        Returns when all are gone: after the time and a quarter of it and a second, at the latest. Nobody new is let in meanwhile.
        """
        self._draining = True
        for link in list(self._open):
            if link.is_live:
                link.send(Drain(within_ms))
        await self._all_gone(within_ms / 1000 * (1 + LATECOMERS))
        for link in list(self._open):
            link.close(Close.RESTART, "restart")
        await self._all_gone(1.0)

    async def serve(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket from its handshake to its end."""
        link = await self._shake_hands(kind, WebSocket(scope, receive, send))
        if link is None:
            return
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass  # what came before the wire was attached is in the link already
        finally:
            self._open.discard(link)
            self._changed.set()
            self._desk.forget(link)

    async def _shake_hands(self, kind: str, websocket: WebSocket) -> Connection | None:
        refusal = self._refusal(kind, websocket)
        if refusal is not None:
            await websocket.send_denial_response(refusal)
            return None
        offered = websocket.scope["subprotocols"]
        if SUBPROTOCOL not in offered:
            await websocket.accept(next(name for name in offered if name.startswith(FAMILY)))
            await websocket.close(Close.VERSION_GONE, "This version is no longer served.")
            return None
        await websocket.accept(SUBPROTOCOL)
        return self._open_link(kind, websocket)

    def _open_link(self, kind: str, websocket: WebSocket) -> Connection:
        # Taken out, for the wire holds the scope, and circles keep what is gone.
        wire = websocket.scope["extensions"].pop(EXTENSION)
        assert isinstance(wire, Transport)  # noqa: S101 - the server is configured with it
        now_ms = self._now()
        machine = ConnectionProtocol(DECODERS[kind], TokenBucket(self._frame_rate, self._frame_burst), now_ms)
        link = Connection(
            kind,
            self._new_id(),
            wire,
            machine,
            self._desk,
            websocket.headers,
            now=self._now,
            metrics=self._metrics,
        )
        if kind == VISITOR:
            link.client_info = self._origin(websocket)
        self._open.add(link)
        wire.attach(link)
        return link

    def _origin(self, websocket: WebSocket) -> ClientInfo:
        ip = client_address(websocket.scope, self._trusted)
        place = self._places.locate(ip)
        user_agent = websocket.headers.get("user-agent", "")
        computer = describe(user_agent)
        return ClientInfo(
            ip=ip,
            country=place.country,
            region=place.region,
            user_agent=sys.intern(user_agent[:512]),
            browser=computer.browser,
            os=computer.os,
            device=computer.device,
        )

    def _refusal(self, kind: str, websocket: WebSocket) -> Response | None:
        if self._draining:
            return self._denied(kind, 503, Code.OVERLOADED, "This gateway is stopping; come back in a moment.")
        if not self._admission.may_knock(kind, websocket.headers):
            return self._denied(kind, 403, Code.ORIGIN_REFUSED, "The page's origin may not connect.")
        if not any(name.startswith(FAMILY) for name in websocket.scope["subprotocols"]):
            return self._denied(kind, 400, Code.INVALID, f"Ask for the sub-protocol {SUBPROTOCOL}.")
        return None

    def _denied(self, kind: str, status: int, code: Code, detail: str) -> Response:
        self._metrics.refused.labels(kind, code).inc()
        problem = {"type": "about:blank", "title": "Refused", "status": status, "code": code, "detail": detail}
        return JSONResponse(problem, status, media_type="application/problem+json")

    async def _all_gone(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open:
                    self._changed.clear()
                    await self._changed.wait()


class PublicApp:
    """The whole public port: sockets go straight to their place, everything else to `pages`.

    Nothing stands between a socket and the server: what a web framework keeps for each request it would keep for hours here.
    """

    def __init__(self, sockets: WebSocketEndpoint, pages: ASGIApp) -> None:
        self._sockets = sockets
        self._pages = pages

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        kind = PATHS.get(scope["path"]) if scope["type"] == "websocket" else None
        if kind is None:
            return self._pages(scope, receive, send)
        return self._sockets.serve(kind, scope, receive, send)
