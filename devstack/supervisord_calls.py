"""supervisord's XML-RPC over its unix socket."""

from http.client import HTTPConnection
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any
from xmlrpc.client import dumps, loads

# supervisord answers from memory, so an answer that takes longer is lost.
CALL_S = 10


def call(path: Path, method: str, *arguments: str | bool) -> Any:
    """The result. Raises xmlrpc.client.Fault when supervisord refuses, OSError or HTTPException when it does not answer."""
    connection = _UnixConnection(path)
    try:
        body = dumps(arguments, f"supervisor.{method}")
        connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
        (answer,), _ = loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=CALL_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.settimeout(CALL_S)
        self.sock.connect(str(self._path))
