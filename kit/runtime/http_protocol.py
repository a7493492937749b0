"""One HTTP connection: uvicorn's protocol with deadlines, in which nothing that a peer sends or does logs a line or raises an exception.

    head --whole head--> request --response sent--> idle --a byte--> head …
                            |--upgrade--> a websocket, with a protocol of its own

A head, also a trickling one, has HEAD_S. A request with its response has REQUEST_S. A body that the application did not read has HEAD_S.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from kit.runtime.accept_queue import HEAD_S, Arrival
from kit.runtime.peer_faults import PeerFault, PeerFaults


class Deadlines(NamedTuple):
    """In seconds. The largest file takes a slow telephone less than two minutes."""

    head_s: float = HEAD_S
    request_s: float = 120.0
    idle_s: float = 5.0


DEADLINES = Deadlines()


class HttpProtocol(H11Protocol):
    """An HTTP/1.1 connection of either port. It owns the slot of its connection until a websocket takes it over."""

    def __init__(self, arrival: Arrival, deadlines: Deadlines, faults: PeerFaults, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._slot = arrival.slot
        self._first_head_s = arrival.head_s
        self._deadlines = deadlines
        self._faults = faults
        self._timer: asyncio.TimerHandle | None = None
        self._request_due = 0.0
        self._is_idle = False
        self._is_upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._slot.drop = self._drop
        self._slot.idle()
        self._expect(self._first_head_s)

    def data_received(self, data: bytes) -> None:
        if self._is_idle:
            self._is_idle = False
            self._expect(self._deadlines.head_s)
        # An exception would reach the event loop, which logs a traceback.
        try:
            super().data_received(data)
        except Exception:  # noqa: BLE001 - the last net
            self._faults.count(PeerFault.INTERNAL)
            self.transport.abort()

    def _should_upgrade(self) -> bool:
        """Uvicorn calls it once per request, when its head is whole."""
        self._slot.busy()
        self._is_idle = False
        self._request_due = self.loop.time() + self._deadlines.request_s
        self._expect(self._deadlines.request_s)
        return super()._should_upgrade()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._end()
        self._is_upgraded = True
        of_websocket = cast(Callable[..., asyncio.Protocol], self.ws_protocol_class)
        self.ws_protocol_class = cast(type[asyncio.Protocol], partial(of_websocket, slot=self._slot))
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()  # uvicorn's own, which a byte cancels for good
        if self.transport.is_closing() or self._is_upgraded or not self.cycle.response_complete:
            return  # the deadline of the request holds until the response is sent; or a pipelined request has begun
        self._slot.idle()
        self._is_idle = self.conn.their_state is not h11.SEND_BODY
        self._expect(self._deadlines.idle_s if self._is_idle else self._deadlines.head_s)

    def send_400_response(self, msg: str) -> None:
        """The bytes are no HTTP. Within a response, only the end of the connection can say so."""
        self._faults.count(PeerFault.BAD_REQUEST)
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.abort()
            return
        if self._cycle is not None:
            self._cycle.disconnected = True  # the application of this request answers no more
            self._cycle.message_event.set()
        super().send_400_response(msg)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_within_request():
            self._faults.count(PeerFault.LEFT)
        self._end()
        self._slot.release()
        super().connection_lost(exc)

    @property
    def _cycle(self) -> RequestResponseCycle | None:
        """Uvicorn declares it without None."""
        return self.cycle

    def _is_within_request(self) -> bool:
        cycle = self._cycle
        if cycle is not None and not cycle.response_complete:
            return not cycle.disconnected
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])

    def _expect(self, seconds: float) -> None:
        self._end()
        self._timer = self.loop.call_later(seconds, self._expire)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _expire(self) -> None:
        if self._is_idle and self.transport.get_write_buffer_size() and self.loop.time() < self._request_due:
            self._expect(self._deadlines.idle_s)  # the peer still reads the response
            return
        if not self._is_idle or self.transport.get_write_buffer_size():
            self._faults.count(PeerFault.LATE)
        self.transport.abort()

    def _drop(self) -> None:
        self._faults.count(PeerFault.CROWDED)
        self.transport.abort()
