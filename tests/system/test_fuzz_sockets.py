"""Whatever comes over a websocket is answered with a stable code, or ends that one socket with a code of the table.

Frames are made from the gateway's own structs, so a new frame is fuzzed from its first day; then they are bent.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close as WireClose
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from kit.codes import Close, Code
from services.gateway.connection import frames
from tests.support.eventually import PATIENCE_S
from tests.support.json_object import JsonObject
from tests.support.running import Running
from tests.system.frame_grammar import Piece, grammar
from tests.system.fuzzing import A_RUN, MARK, PASSWORD, SITE, for_a_while, make_site, nothing_breaks, still_answers

EMAIL = "sockets@fuzzed.test"
CODES = {str(code) for code in Code}
# What the library itself says to a peer that breaks the websocket protocol, before any frame of ours: bad UTF-8, a message too long.
OF_THE_LIBRARY = {1002, 1007, 1009}
CLOSES = {int(close) for close in Close} | OF_THE_LIBRARY


# --- the grammar


# --- the people


class Person(NamedTuple):
    """A person of the fuzzed site that can reconnect repeatedly."""

    kind: str
    address: str
    hello: JsonObject
    headers: dict[str, str]

    @contextmanager
    def come(self) -> Iterator[ClientConnection]:
        """A new socket, welcomed."""
        with connect(
            self.address.replace("http", "ws", 1) + f"/ws/{self.kind}",
            origin=Origin(self.address),
            subprotocols=[Subprotocol("palique.v1")],
            additional_headers=self.headers,
            compression=None,
            proxy=None,
            ping_interval=None,
        ) as socket:
            socket.send(json.dumps({"type": "hello", "client": "fuzz/1.0", **self.hello}))
            assert heard(socket)["type"] == "welcome"
            yield socket


def heard(socket: ClientConnection) -> JsonObject:
    frame: JsonObject = json.loads(socket.recv(PATIENCE_S))
    return frame


def until(socket: ClientConnection, kind: str, **fields: object) -> JsonObject:
    """The next frame of this kind; every refusal on the way has a stable code and a sentence."""
    while True:
        frame = heard(socket)
        if frame["type"] in ("error", "nack") or frame.get("ok") is False:
            assert frame["code"] in CODES, frame
            assert frame["code"] != "internal", frame
            assert frame["message"], frame
        if frame["type"] == kind and fields.items() <= frame.items():
            return frame


def put(socket: ClientConnection, piece: Piece) -> None:
    if piece.how == "fragments":
        size = max(7, len(piece.data) // 40)
        socket.send([piece.data[at : at + size] for at in range(0, len(piece.data), size)] or [b""], text=True)
    else:
        socket.send(piece.data, text=piece.how != "binary")


def survives(person: Person, pieces: list[Piece]) -> None:
    """The socket goes on, or is closed with a code of the table."""
    with person.come() as socket:
        try:
            for piece in pieces:
                put(socket, piece)
            socket.send('{"type":"ping"}')
            until(socket, "pong")
        except ConnectionClosed as closed:
            check_close(closed.rcvd)


def check_close(close: WireClose | None) -> None:
    assert close is not None, "cut off without a word"
    assert close.code in CLOSES, close
    assert close.reason or close.code in OF_THE_LIBRARY, close


def new_visitor(address: str) -> Person:
    headers = {"origin": address}
    answer = httpx.post(
        f"{address}/api/v1/visitor/session", json={"site": SITE}, headers=headers, timeout=PATIENCE_S, verify=False
    )
    token = answer.raise_for_status().json()["token"]
    return Person("visitor", address, {"token": token}, {})


def signed_in(address: str) -> Person:
    body = {"email": EMAIL, "password": PASSWORD}
    answer = httpx.post(
        f"{address}/api/v1/session", json=body, headers={"origin": address}, timeout=PATIENCE_S, verify=False
    )
    cookies = "; ".join(f"{name}={value}" for name, value in answer.raise_for_status().cookies.items())
    return Person("agent", address, {}, {"cookie": cookies})


def said(socket: ClientConnection, text: str) -> str:
    """Says something; gives the conversation."""
    client_id = str(uuid.uuid4())
    socket.send(json.dumps({"type": "send", "client_id": client_id, "conversation": None, "text": text}))
    return str(until(socket, "ack", client_id=client_id)["conversation"])


# --- the tests


@pytest.fixture
async def address(running: Running) -> str:
    """Of the gateway with the fuzzed site."""
    await make_site(running, EMAIL)
    return running.public(0)


def test_any_frame_gets_an_answer_or_a_close_code(running: Running, address: str) -> None:
    """Other sockets of the same gateway are not affected."""
    visitor, agent, bystander = new_visitor(address), signed_in(address), new_visitor(address)
    secrets = [str(visitor.hello["token"]), str(bystander.hello["token"]), agent.headers["cookie"].partition("=")[2]]
    with nothing_breaks(running, lambda: secrets), bystander.come() as beside:
        others = said(beside, MARK + "mine")
        with visitor.come() as socket:
            own = said(socket, MARK + "theirs")
        ids = st.one_of(st.sampled_from((own, others, str(uuid.uuid4()), "r")), st.text(max_size=8))

        @A_RUN
        @given(st.lists(grammar(frames.VisitorFrame, ids), max_size=12))
        def visitors(pieces: list[Piece]) -> None:
            survives(visitor, pieces)

        @A_RUN
        @given(st.lists(grammar(frames.AgentFrame, ids), max_size=12))
        def agents(pieces: list[Piece]) -> None:
            survives(agent, pieces)

        def both() -> None:
            visitors()
            agents()
            assert said(beside, MARK + "still here")

        for_a_while(both)
        still_answers(running)


@pytest.mark.parametrize("wrong", [Frame(Opcode.BINARY, b"x"), Frame(Opcode.TEXT, b"[]"), Frame(Opcode.TEXT, b"{}")])
def test_something_wrong_and_a_farewell_in_one_breath(running: Running, address: str, wrong: Frame) -> None:
    visitor = new_visitor(address)
    with nothing_breaks(running, list):
        with visitor.come() as socket:
            farewell = Frame(Opcode.CLOSE, WireClose(1000, "").serialize())
            socket.socket.sendall(wrong.serialize(mask=True) + farewell.serialize(mask=True))
            with pytest.raises(ConnectionClosed):
                until(socket, "nothing like this")
        with visitor.come():
            pass
