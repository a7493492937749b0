"""Takes what the machines of links ask for to whoever does it, and turns every failure into an answer.

Nothing that a frame causes raises further than here.
"""

from collections.abc import Callable, Mapping

from kit.codes import Close, Code, Refused
from kit.runtime.logs import Log
from services.gateway.connection import frames
from services.gateway.connection.connection import VISITOR, Connection, PeerIdentity
from services.gateway.connection.frame_codec import error, truncate_page
from services.gateway.connection.frames import ClientFrame, Hello, Page, Reply, ServerFrame
from services.gateway.connection.handlers import AsyncHandler, SyncHandler
from services.gateway.fanout.hub import Hub
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.overload.loop_slices import LoopSlicer
from services.gateway.session.authentication import Authenticated, AuthenticationRefused, Authenticator
from services.gateway.session.resume import SessionResume

# Who wants to know that somebody came, once they were welcomed, and that they left.
Arrival = Callable[[Connection, PeerIdentity], None]
# Those who come, each some 0.2 ms of work; a crowd may send its hellos at once.
HELLO_BATCH = 16
# Requests that are answered with `reply`; others with a `ref` get `error`.
_REPLIED = (frames.Accept, frames.CloseChat, frames.Follow, frames.Unfollow, frames.StartChat)


class FrameDispatcher:
    """The `Desk` of all links."""

    def __init__(
        self,
        *,
        hub: Hub,
        admission: Authenticator,
        resuming: SessionResume,
        direct: Mapping[type[ClientFrame], SyncHandler],
        waits: Mapping[type[ClientFrame], AsyncHandler],
        admitted: Arrival,
        welcomed: Arrival,
        left: Arrival,
        tasks: BackgroundTasks,
        hellos: LoopSlicer,
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._hub = hub
        self._admission = admission
        self._resuming = resuming
        self._direct = direct
        self._waits = waits
        self._admitted = admitted
        self._welcomed = welcomed
        self._left = left
        self._tasks = tasks
        self._hellos = hellos
        self._log = log
        # Looked up by the type of a frame: by its name it costs more than the rest of this.
        self._counted = {kind: metrics.frames.labels(kind.__struct_config__.tag) for kind in (*direct, *waits)}

    def identify(self, link: Connection, hello: Hello) -> None:
        self._hellos.add(lambda: self._tasks.start(self._identify(link, hello)))

    def handle(self, link: Connection, frame: ClientFrame) -> None:
        kind = type(frame)
        self._counted[kind].inc()
        assert link.identity is not None  # noqa: S101 - the machine performs nothing before it is identified
        direct = self._direct.get(kind)
        if direct is not None:
            direct(link, link.identity, frame)
        else:
            self._tasks.start(self._perform(link, link.identity, frame, self._waits[kind]))

    def forget(self, link: Connection) -> None:
        """The peer is gone."""
        link.disconnected()
        if link.identity is not None and self._hub.remove(link):
            self._left(link, link.identity)

    async def _identify(self, link: Connection, hello: Hello) -> None:
        try:
            admitted = await self._admit(link, hello)
            if not link.transport.is_open:
                return
            if link.kind == VISITOR:
                link.page = truncate_page(hello.page or Page())
            link.protocol.identified(admitted.messages_allowed, admitted.expires_at_ms)
            self._hub.add(link, admitted.who)
            self._admitted(link, admitted.who)
            await self._resuming.resume(link, admitted.who, hello)
            if link.is_live:
                self._welcomed(link, admitted.who)
        except AuthenticationRefused as refused:
            link.close(refused.code, refused.reason)
        except (Refused, TimeoutError) as failure:
            self._log.warning("a socket could not be welcomed", connection=link.id, error=str(failure))
            link.close(Close.OVERLOADED, "Something behind this is away.")
        except Exception:  # noqa: BLE001 - a fault of ours ends one request, never the process
            self._log.exception("a socket could not be welcomed", connection=link.id)
            link.close(Close.OVERLOADED, "Something is wrong here.")

    async def _admit(self, link: Connection, hello: Hello) -> Authenticated:
        headers, link.headers = link.headers, None
        link.transport.forget_headers()
        assert headers is not None  # noqa: S101 - the machine takes one hello
        if link.kind == VISITOR:
            return await self._admission.visitor(headers, hello)
        return await self._admission.agent(headers)

    async def _perform(self, link: Connection, who: PeerIdentity, frame: ClientFrame, handle: AsyncHandler) -> None:
        try:
            await handle(link, who, frame)
        except Refused as refused:
            link.send(_answer(frame, refused.code, refused.message))
        except TimeoutError:
            link.send(_answer(frame, Code.UNAVAILABLE, "It took too long."))
        except Exception:  # noqa: BLE001 - a fault of ours ends one request, never the process
            self._log.exception("a frame failed", connection=link.id, type=type(frame).__name__)
            link.send(_answer(frame, Code.INTERNAL, "Something is wrong here."))
        finally:
            link.protocol.request_done()


def _answer(frame: ClientFrame, code: Code, message: str) -> ServerFrame:
    ref = getattr(frame, "ref", None)
    if isinstance(frame, _REPLIED) and ref is not None:
        return Reply(ref=ref, ok=False, code=code, message=message)
    return error(code, message, ref)
