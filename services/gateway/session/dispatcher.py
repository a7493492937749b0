"""Dispatches the frames of all connections: authenticates a hello, calls the handler of a frame, answers failures.

No exception that a frame causes leaves this module.
"""

from collections.abc import Callable, Mapping

from kit.codes import Close, Code, Refused
from kit.runtime.logs import Log
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.frame_codec import error, truncate_page
from services.gateway.connection.frames import ClientFrame, Hello, Page, Reply, ServerFrame
from services.gateway.connection.handlers import AsyncHandler, SyncHandler
from services.gateway.connection.peer import VISITOR, PeerIdentity
from services.gateway.fanout.hub import Hub
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.overload.loop_slices import LoopSlicer
from services.gateway.session.authentication import Authenticated, AuthenticationRefused, Authenticator
from services.gateway.session.resume import SessionResume

ConnectionCallback = Callable[[Connection, PeerIdentity], None]
# Hellos started per loop iteration, some 0.2 ms of work each: thousands may arrive at once.
HELLO_BATCH = 16
# Requests that are answered with `reply`; others with a `ref` get `error`.
_ANSWERED_WITH_REPLY = (frames.Accept, frames.CloseChat, frames.Follow, frames.Unfollow, frames.StartChat)


class FrameDispatcher:
    """The `Dispatcher` of all connections.

    Of one connection, `on_identified` is called first, `on_welcomed` after the welcome, and `on_left` at the end.
    """

    def __init__(
        self,
        *,
        hub: Hub,
        authenticator: Authenticator,
        resume: SessionResume,
        sync_handlers: Mapping[type[ClientFrame], SyncHandler],
        async_handlers: Mapping[type[ClientFrame], AsyncHandler],
        on_identified: ConnectionCallback,
        on_welcomed: ConnectionCallback,
        on_left: ConnectionCallback,
        tasks: BackgroundTasks,
        hellos: LoopSlicer,
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._hub = hub
        self._authenticator = authenticator
        self._resume = resume
        self._sync_handlers = sync_handlers
        self._async_handlers = async_handlers
        self._on_identified = on_identified
        self._on_welcomed = on_welcomed
        self._on_left = on_left
        self._tasks = tasks
        self._hellos = hellos
        self._log = log
        # By the type of a frame: a lookup by the label costs more than the rest of `handle`.
        self._counters = {
            kind: metrics.frames.labels(kind.__struct_config__.tag) for kind in (*sync_handlers, *async_handlers)
        }

    def identify(self, connection: Connection, hello: Hello) -> None:
        self._hellos.add(lambda: self._tasks.start(self._identify(connection, hello)))

    def handle(self, connection: Connection, frame: ClientFrame) -> None:
        kind = type(frame)
        self._counters[kind].inc()
        assert connection.identity is not None  # noqa: S101 - the protocol handles no frame before `identified`
        handler = self._sync_handlers.get(kind)
        if handler is not None:
            handler(connection, connection.identity, frame)
        else:
            self._tasks.start(self._handle(connection, connection.identity, frame, self._async_handlers[kind]))

    def disconnected(self, connection: Connection) -> None:
        """The transport is closed."""
        connection.disconnected()
        if connection.identity is not None and self._hub.remove(connection):
            self._on_left(connection, connection.identity)

    async def _identify(self, connection: Connection, hello: Hello) -> None:
        try:
            authenticated = await self._authenticate(connection, hello)
            if not connection.transport.is_open:
                return
            identity = authenticated.identity
            if connection.kind == VISITOR:
                connection.page = truncate_page(hello.page or Page())
            connection.protocol.identified(authenticated.messages_allowed, authenticated.expires_at_ms)
            self._hub.add(connection, identity)
            self._on_identified(connection, identity)
            await self._resume.resume(connection, identity, hello)
            if connection.is_live:
                self._on_welcomed(connection, identity)
        except AuthenticationRefused as refused:
            connection.close(refused.code, refused.reason)
        except (Refused, TimeoutError) as failure:
            self._log.warning("hello failed", connection=connection.id, error=str(failure))
            connection.close(Close.OVERLOADED, "A service is not available.")
        except Exception:  # noqa: BLE001 - a fault of the gateway ends one request, never the process
            self._log.exception("hello failed", connection=connection.id)
            connection.close(Close.OVERLOADED, "Internal error.")

    async def _authenticate(self, connection: Connection, hello: Hello) -> Authenticated:
        headers, connection.headers = connection.headers, None
        connection.transport.forget_headers()
        assert headers is not None  # noqa: S101 - the protocol accepts one hello
        if connection.kind == VISITOR:
            return await self._authenticator.visitor(headers, hello, connection.network)
        return await self._authenticator.agent(headers)

    async def _handle(
        self, connection: Connection, identity: PeerIdentity, frame: ClientFrame, handler: AsyncHandler
    ) -> None:
        try:
            await handler(connection, identity, frame)
        except Refused as refused:
            connection.send(_answer(frame, refused.code, refused.message))
        except TimeoutError:
            connection.send(_answer(frame, Code.UNAVAILABLE, "The request timed out."))
        except Exception:  # noqa: BLE001 - a fault of the gateway ends one request, never the process
            self._log.exception("frame failed", connection=connection.id, type=type(frame).__name__)
            connection.send(_answer(frame, Code.INTERNAL, "Internal error."))
        finally:
            connection.protocol.request_done()


def _answer(frame: ClientFrame, code: Code, message: str) -> ServerFrame:
    ref = getattr(frame, "ref", None)
    if isinstance(frame, _ANSWERED_WITH_REPLY) and ref is not None:
        return Reply(ref=ref, ok=False, code=code, message=message)
    return error(code, message, ref)
