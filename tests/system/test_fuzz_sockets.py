"""Whatever comes over a websocket is answered with a stable code, or ends that one socket with a code of the table.

Frames are made from the gateway's own structs, so a new frame is fuzzed from its first day; then they are bent.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close as WireClose
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from kit.codes import Close, Code
from services.gateway.connection import frames
from tests.support.json_faults import joined_faults
from tests.support.running import Running
from tests.system import weird
from tests.system.fuzzing import A_RUN, MARK, PASSWORD, SITE, for_a_while, make_site, nothing_breaks, still_answers

EMAIL = "sockets@fuzzed.test"
PATIENCE_S = 20.0
CODES = {str(code) for code in Code}
# What the library itself says to a peer that breaks the websocket protocol, before any frame of ours: bad UTF-8, a message too long.
OF_THE_LIBRARY = {1002, 1007, 1009}
CLOSES = {int(close) for close in Close} | OF_THE_LIBRARY


class Piece(NamedTuple):
    """What is sent, and how: as a text, as bytes, or as a text in fragments."""

    how: Literal["text", "binary", "raw", "fragments"]
    data: bytes


# --- the grammar


def _of_type(kind: inspect.Type, ids: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values that the struct takes, mostly."""
    if isinstance(kind, inspect.UnionType):
        return st.one_of(*(_of_type(one, ids) for one in kind.types))
    if isinstance(kind, inspect.StructType):
        return _of_struct(kind, ids)
    if isinstance(kind, inspect.VarTupleType):
        return st.lists(_of_type(kind.item_type, ids), max_size=4)
    if isinstance(kind, inspect.LiteralType):
        return st.sampled_from(kind.values)
    if isinstance(kind, inspect.IntType):
        return st.sampled_from((kind.ge or 0, 1, 2, 7, 50, kind.le or 100))
    if isinstance(kind, inspect.BoolType):
        return st.booleans()
    if isinstance(kind, inspect.NoneType):
        return st.none()
    assert isinstance(kind, inspect.StrType)
    return ids


def _of_struct(kind: inspect.StructType, ids: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    texts = st.builds(lambda tail: MARK + tail, st.text(max_size=20))
    wanted = {field.encode_name: _of_type(field.type, texts if field.name == "text" else ids) for field in kind.fields}
    tag = {kind.tag_field: st.just(kind.tag)} if kind.tag_field else {}
    needed = {field.encode_name for field in kind.fields if field.required} | set(tag)
    optional = {name: value for name, value in wanted.items() if name not in needed}
    return st.fixed_dictionaries(
        {**tag, **{name: wanted[name] for name in wanted if name in needed}}, optional=optional
    )


def _bent(frame: dict[str, Any], how: str, key: int, value: Any, strange: str) -> dict[str, Any]:
    names = list(frame)
    name = names[key % len(names)]
    if how == "drop":
        return {other: kept for other, kept in frame.items() if other != name}
    return {**frame, (strange if how == "add" else name): value}


def grammar(union: Any, ids: st.SearchStrategy[str]) -> st.SearchStrategy[Piece]:
    """Frames of one kind of client, right ones and bent ones, and what is none."""
    good = st.one_of(*(_of_type(inspect.type_info(kind), ids) for kind in union.__args__))
    bent = st.builds(
        _bent,
        good,
        st.sampled_from(("drop", "add", "set", "set")),
        st.integers(0, 9),
        weird.ANYTHING,
        weird.STRANGE_KEYS,
    )
    texts = st.one_of(good, good, bent, bent, bent, weird.ANYTHING).map(weird.dumps)
    cut = st.builds(lambda text, at: text[: at % (len(text) + 1)], texts, st.integers(0, 400))
    twice = texts.map(lambda text: text[:-1] + "," + text[1:] if len(text) > 2 else text)
    large = st.integers(30_000, 40_000).map(lambda size: weird.dumps({"type": "page", "url": MARK + "x" * size}))
    types = [str(kind.__struct_config__.tag) for kind in union.__args__] + ["nope"]
    return st.one_of(
        joined_faults(types).map(lambda data: Piece("raw", data)),
        texts.map(lambda text: Piece("text", text.encode())),
        texts.map(lambda text: Piece("text", text.encode())),
        texts.map(lambda text: Piece("fragments", text.encode())),
        st.one_of(cut, twice, large).map(lambda text: Piece("text", text.encode())),
        st.one_of(st.binary(max_size=60), texts.map(str.encode)).map(lambda data: Piece("binary", data)),
        st.one_of(st.binary(max_size=60), texts.map(_no_utf8)).map(lambda data: Piece("raw", data)),
    )


def _no_utf8(text: str) -> bytes:
    return text.encode().replace(b'": "', b'": "\xff')


# --- the people


class Person(NamedTuple):
    """A person of the fuzzed site that can reconnect repeatedly."""

    kind: str
    address: str
    hello: dict[str, Any]
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


def heard(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(socket.recv(PATIENCE_S))
    return frame


def until(socket: ClientConnection, kind: str, **fields: Any) -> dict[str, Any]:
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
    answer = httpx.post(f"{address}/api/v1/visitor/session", json={"site": SITE}, headers=headers, timeout=PATIENCE_S)
    token = answer.raise_for_status().json()["token"]
    return Person("visitor", address, {"token": token}, {})


def signed_in(address: str) -> Person:
    body = {"email": EMAIL, "password": PASSWORD}
    answer = httpx.post(f"{address}/api/v1/session", json=body, headers={"origin": address}, timeout=PATIENCE_S)
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
