"""One HTTP connection: uvicorn's protocol, in which nothing that a peer sends or does logs a line or raises an exception."""

from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from kit.runtime.peer_faults import PeerFault, PeerFaults


class HttpProtocol(H11Protocol):
    """An HTTP/1.1 connection of either port."""

    def __init__(self, faults: PeerFaults, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._faults = faults

    def data_received(self, data: bytes) -> None:
        # An exception would reach the event loop, which logs a traceback.
        try:
            super().data_received(data)
        except Exception:  # noqa: BLE001 - the last net
            self._faults.count(PeerFault.INTERNAL)
            self.abort()

    def send_400_response(self, msg: str) -> None:
        """The bytes are no HTTP. Within a response, only the end of the connection can say so."""
        self._faults.count(PeerFault.BAD_REQUEST)
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.abort()
            return
        if self.cycle is not None:
            self.cycle.disconnected = True  # the application of this request answers no more
            self.cycle.message_event.set()
        super().send_400_response(msg)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_within_request():
            self._faults.count(PeerFault.LEFT)
        super().connection_lost(exc)

    def abort(self) -> None:
        """Drops the connection and the bytes that wait in it. The application of a running request reads a disconnect."""
        self.transport.abort()

    def _is_within_request(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn declares it without None
        if cycle is not None and not cycle.response_complete:
            return not cycle.disconnected
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
