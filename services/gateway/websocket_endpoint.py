"""The websocket endpoints of visitors and agents: the handshake, the deadlines and the end of connections.

A handshake is refused with HTTP: 403 for the origin, 400 without the sub-protocol, 503 while draining. Later failures end with a
close code. A connection works in the hooks of its transport; the endpoint only waits for the end.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from kit.codes import Close, Code
from kit.runtime.connection_bounds import ConnectionBounds, Slot
from kit.runtime.logs import Log
from services.gateway.accounts.origins import HOST_HINT
from services.gateway.client_info.address import GeoIp, Network, client_address, client_network, is_loopback
from services.gateway.client_info.user_agent import describe
from services.gateway.connection.connection import Connection
from services.gateway.connection.frame_codec import AGENT_DECODER, VISITOR_DECODER
from services.gateway.connection.frames import Drain
from services.gateway.connection.peer import AGENT, VISITOR, ClientInfo
from services.gateway.connection.protocol import ConnectionProtocol
from services.gateway.connection.token_bucket import TokenBucket
from services.gateway.connection.transport import EXTENSION, Transport
from services.gateway.http.response_headers import response_headers
from services.gateway.metrics import Metrics
from services.gateway.session.authentication import Authenticator
from services.gateway.session.dispatcher import FrameDispatcher

SUBPROTOCOL = "palique.v1"
# Other versions are closed with 4410 (version no longer served), which a browser shows to the page; an HTTP refusal it hides.
SUBPROTOCOL_PREFIX = "palique.v"
# For a client whose address has too many connections: one of them may end meanwhile.
CROWDED_MS = 30_000
TICK_S = 1.0
# Connections checked per loop iteration.
TICK_BATCH = 500
# Part of the drain time that is added for clients that start to move at its end.
DRAIN_GRACE = 0.25
PATHS = {"/ws/visitor": VISITOR, "/ws/agent": AGENT}
# Of an HTTP response to a handshake.
REFUSAL_HEADERS = response_headers(https=False)
DECODERS = {VISITOR: VISITOR_DECODER, AGENT: AGENT_DECODER}


class WebSocketEndpoint:
    """All websocket connections of this process, authenticated or not. `run` must be running."""

    def __init__(
        self,
        dispatcher: FrameDispatcher,
        authenticator: Authenticator,
        geoip: GeoIp,
        trusted_proxies: tuple[Network, ...],
        bounds: ConnectionBounds,
        *,
        frame_rate: float,
        frame_burst: float,
        new_id: Callable[[], str],
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._dispatcher = dispatcher
        self._authenticator = authenticator
        self._geoip = geoip
        self._trusted = trusted_proxies
        self._bounds = bounds
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
        """Frames buffered for clients that read slowly."""
        return sum(connection.buffered for connection in self._open if connection.is_slow)

    async def run(self) -> None:
        """Checks the deadlines of every connection until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            await self._check_deadlines()

    async def _check_deadlines(self) -> None:
        """Not a part of `run`, whose local variables would keep the last connection after its end."""
        for count, connection in enumerate(list(self._open), 1):
            connection.tick(self._now())
            if count % TICK_BATCH == 0:
                await asyncio.sleep(0)

    async def drain(self, within_ms: int) -> None:
        """Asks every client to reconnect at a random moment within this time, then closes the remaining connections.

        Refuses new connections meanwhile. Returns when all are closed: at the latest after 1.25 times this time and a second.
        """
        self._draining = True
        for connection in list(self._open):
            if connection.is_live:
                connection.send(Drain(within_ms))
        await self._all_closed(within_ms / 1000 * (1 + DRAIN_GRACE))
        for connection in list(self._open):
            connection.close(Close.RESTART, "restart")
        await self._all_closed(1.0)

    async def serve(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one websocket from its handshake to its end."""
        connection = None
        with suppress(WebSocketDisconnect):  # the peer left within the handshake
            connection = await self._handshake(kind, WebSocket(scope, receive, send))
        if connection is None:
            return
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass  # frames that arrived before `attach` have reached the connection already
        finally:
            self._open.discard(connection)
            self._changed.set()
            self._dispatcher.disconnected(connection)

    async def _handshake(self, kind: str, websocket: WebSocket) -> Connection | None:
        refusal = self._refusal(kind, websocket)
        if refusal is not None:
            await websocket.send_denial_response(refusal)
            return None
        offered = websocket.scope["subprotocols"]
        if SUBPROTOCOL not in offered:
            await websocket.accept(next(name for name in offered if name.startswith(SUBPROTOCOL_PREFIX)))
            await websocket.close(Close.VERSION_GONE, "This version is no longer served.")
            return None
        await websocket.accept(SUBPROTOCOL)
        slot = self._bounds.admit(self._counted_network(kind, websocket), _never_dropped)
        if slot is None:
            self._metrics.closes.labels(int(Close.TOO_FAST)).inc()
            # A browser shows the page this reason, from which the client reads the wait; an HTTP refusal it hides.
            reason = f"Too many connections from this address; come back in {CROWDED_MS} ms."
            await websocket.close(Close.TOO_FAST, reason)
            return None
        slot.busy()
        return self._open_connection(kind, websocket, slot)

    def _open_connection(self, kind: str, websocket: WebSocket, slot: Slot) -> Connection:
        # Removed: the transport holds the scope, and a reference cycle would keep both.
        transport = websocket.scope["extensions"].pop(EXTENSION)
        assert isinstance(transport, Transport)  # noqa: S101 - the server is configured with it
        now_ms = self._now()
        protocol = ConnectionProtocol(DECODERS[kind], TokenBucket(self._frame_rate, self._frame_burst), now_ms)
        connection = Connection(
            kind,
            self._new_id(),
            transport,
            protocol,
            self._dispatcher,
            websocket.headers,
            now=self._now,
            log=self._log,
            metrics=self._metrics,
        )
        if kind == VISITOR:
            connection.client_info = self._client_info(websocket)
            connection.network = slot.network
        self._open.add(connection)
        transport.attach(connection, slot)
        return connection

    def _counted_network(self, kind: str, websocket: WebSocket) -> str | None:
        """Visitors and agents of one network count apart. An undeclared proxy on this machine counts for none of its clients."""
        address = client_address(websocket.scope, self._trusted)
        if not address or (is_loopback(address) and "x-forwarded-for" in websocket.headers):
            return None
        return f"{kind} {client_network(address)}"

    def _client_info(self, websocket: WebSocket) -> ClientInfo:
        ip = client_address(websocket.scope, self._trusted)
        place = self._geoip.locate(ip)
        user_agent = websocket.headers.get("user-agent", "")
        browser = describe(user_agent)
        return ClientInfo(
            ip=ip,
            country=place.country,
            region=place.region,
            user_agent=sys.intern(user_agent[:512]),
            browser=browser.browser,
            os=browser.os,
            device=browser.device,
        )

    def _refusal(self, kind: str, websocket: WebSocket) -> Response | None:
        if self._draining:
            return self._refuse(kind, 503, Code.OVERLOADED, "This gateway is stopping; try again in a moment.")
        if not self._bounds.has_room():
            return self._refuse(kind, 503, Code.OVERLOADED, "This gateway has too many connections; try again later.")
        if not self._authenticator.check_handshake(kind, websocket.headers):
            return self._refuse(kind, 403, Code.ORIGIN_REFUSED, f"The page's origin may not connect. {HOST_HINT}")
        if not any(name.startswith(SUBPROTOCOL_PREFIX) for name in websocket.scope["subprotocols"]):
            return self._refuse(kind, 400, Code.INVALID, f"Ask for the sub-protocol {SUBPROTOCOL}.")
        return None

    def _refuse(self, kind: str, status: int, code: Code, detail: str) -> Response:
        self._metrics.refused.labels(kind, code).inc()
        problem = {"type": "about:blank", "title": "Refused", "status": status, "code": code, "detail": detail}
        return JSONResponse(problem, status, REFUSAL_HEADERS, "application/problem+json")

    async def _all_closed(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open:
                    self._changed.clear()
                    await self._changed.wait()


def _never_dropped() -> None:
    """A websocket is busy as long as it lives."""


class PublicApp:
    """The ASGI application of the public port: websockets go to the endpoint, everything else to `http`.

    Websockets bypass the web framework: the memory that it holds for each request would stay allocated for hours.
    """

    def __init__(self, websockets: WebSocketEndpoint, http: ASGIApp) -> None:
        self._websockets = websockets
        self._http = http

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        kind = PATHS.get(scope["path"]) if scope["type"] == "websocket" else None
        if kind is None:
            return self._http(scope, receive, send)
        return self._websockets.serve(kind, scope, receive, send)
