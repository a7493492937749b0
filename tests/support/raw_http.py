"""One HTTP request as bytes, which clients of the libraries refuse to send, and its answer."""

import json
import socket
from http.client import HTTPResponse
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.support.eventually import PATIENCE_S
from tests.support.json_object import JsonObject


class Answer(NamedTuple):
    status: int
    kind: str
    body: bytes

    @property
    def problem(self) -> JsonObject:
        """The refusal as JSON; an assertion fails for any other answer."""
        assert self.kind == "application/problem+json", self
        found: JsonObject = json.loads(self.body)
        return found


def ask(address: str, method: str, target: bytes, headers: dict[bytes, bytes], body: bytes | None = None) -> Answer:
    """Sends the request on a connection of its own. `headers` may repeat or replace the usual ones."""
    where = urlsplit(address)
    usual = {b"host": where.netloc.encode(), b"connection": b"close"}
    if body is not None:
        usual[b"content-length"] = str(len(body)).encode()
    lines = [method.encode() + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in {**usual, **headers}.items()]
    with socket.create_connection((where.hostname or "", where.port or 80), PATIENCE_S) as peer:
        peer.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + (body or b""))
        response = HTTPResponse(peer, method=method)
        response.begin()
        return Answer(response.status, response.headers.get_content_type(), response.read())
