"""Visitors and agents for benchmarks. The gateway's code creates their tokens and sessions; their sockets are real.

A sign-in over HTTP happens once a day; here it would take longer than the measurement.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry

from bench.websocket import Socket, connect
from kit.ids import new_id, now_ms
from kit.mongo import connect as connect_mongodb
from services.gateway.accounts.demo_data import DEMO_SITE
from services.gateway.accounts.identity import SESSION_COOKIE, Identities
from services.gateway.accounts.model import Agent
from services.gateway.accounts.store import GatewayStore
from tests.support.json_object import JsonObject

ResultT = TypeVar("ResultT")

# Concurrent handshakes: enough to keep a gateway busy, few enough that none exceeds its time limit.
AT_ONCE = 64
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"


class Person(NamedTuple):
    """A visitor or an agent; `secret` is the token or the cookie."""

    id: str
    secret: str


class Directory:
    """Creates visitors and agents of the demo site."""

    def __init__(self, store: GatewayStore) -> None:
        self._store = store
        self._identities = Identities(store, clock=now_ms, new_id=new_id)

    async def visitors(self, number: int) -> list[Person]:
        """New visitors with tokens."""
        return await side_by_side(self._visitor() for _ in range(number))

    async def agents(self, number: int) -> list[Person]:
        """New agents with sessions and without passwords, so that they cannot sign in."""
        return await side_by_side(self._agent(position) for position in range(number))

    async def _visitor(self) -> Person:
        token, identity = await self._identities.admit_visitor(DEMO_SITE.key, None)
        return Person(identity.id, token)

    async def _agent(self, position: int) -> Person:
        ident = new_id()
        email = f"{ident}@palique.test"
        agent = Agent(
            id=ident, site=DEMO_SITE.key, email=email, name=f"Agent {position}", role="agent", password_hash=""
        )
        await self._store.add_agent(agent)
        cookie, _ = await self._identities.sign_in(agent)
        return Person(ident, cookie)


@asynccontextmanager
async def directory(described: JsonObject) -> AsyncIterator[Directory]:
    """The visitors and agents of a running stack."""
    client = connect_mongodb(described["mongodb"]["url"], app="bench", registry=CollectorRegistry())
    try:
        yield Directory(GatewayStore(client["palique_gateway"]))
    finally:
        client.close()


def gateways_of(described: JsonObject) -> list[str]:
    """The `host:port` of each gateway's public port."""
    return [urlsplit(entry["public"]).netloc for entry in described["services"]["gateway"]]


async def come_as_visitor(gateway: str, person: Person, take: Callable[[bytes], None], path: str = "/demo") -> Socket:
    """A visitor's socket after `welcome`. `take` gets all frames including it."""
    headers = f"Origin: http://{gateway}\r\nUser-Agent: {BROWSER}\r\nSec-WebSocket-Protocol: palique.v1\r\n"
    page = {"url": f"http://{gateway}{path}", "title": "Teapots", "referrer": ""}
    hello = {"type": "hello", "token": person.secret, "client": "bench/1.0", "page": page, "cursors": []}
    return await _welcomed(gateway, "/ws/visitor", headers, hello, take)


async def come_as_agent(gateway: str, person: Person, take: Callable[[bytes], None]) -> Socket:
    """An agent's socket after `welcome`."""
    headers = (
        f"Origin: http://{gateway}\r\nUser-Agent: {BROWSER}\r\nSec-WebSocket-Protocol: palique.v1\r\n"
        f"Cookie: {SESSION_COOKIE}={person.secret}\r\n"
    )
    return await _welcomed(gateway, "/ws/agent", headers, {"type": "hello", "client": "bench/1.0", "cursors": []}, take)


async def _welcomed(gateway: str, path: str, headers: str, hello: JsonObject, take: Callable[[bytes], None]) -> Socket:
    welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def first(text: bytes) -> None:
        socket.take = take
        if not welcomed.done():
            welcomed.set_result(None)
        take(text)

    def gone() -> None:
        if not welcomed.done():
            welcomed.set_exception(ConnectionError("ended before the welcome"))

    socket = await connect(gateway, path, headers, first)
    socket.gone = gone
    socket.send(json.dumps(hello).encode())
    try:
        await welcomed
    except BaseException:
        socket.cut()  # a failed connection must not stay open
        raise
    socket.gone = None
    return socket


async def asked(socket: Socket, request: JsonObject, answers: Callable[[JsonObject], bool]) -> JsonObject:
    """Sends a frame and returns the first matching answer. The socket's taker gets all frames too."""
    take = socket.take
    found: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()

    def look(text: bytes) -> None:
        take(text)
        heard = json.loads(text)
        if not found.done() and answers(heard):
            found.set_result(heard)

    socket.take = look
    socket.send(json.dumps(request).encode())
    async with asyncio.timeout(30):
        answer = await found
    socket.take = take
    return answer


async def read_log(socket: Socket, conversation: str) -> None:
    """Follows a conversation from its start, as a dashboard does for an open one; later entries arrive in order."""
    fetch = {"type": "fetch", "ref": f"read-{conversation}", "conversation": conversation, "after": 0}
    await asked(socket, fetch, lambda heard: heard["type"] == "entries" and heard["ref"] == fetch["ref"])


async def side_by_side(work: Iterable[Coroutine[object, object, ResultT]], at_once: int = AT_ONCE) -> list[ResultT]:
    """Results in order, with at most so many calls at a time."""
    turn = asyncio.Semaphore(at_once)

    async def in_turn(one: Coroutine[object, object, ResultT]) -> ResultT:
        async with turn:
            return await one

    return await asyncio.gather(*(in_turn(one) for one in work))


def spread(people: Sequence[Person], gateways: Sequence[str]) -> list[tuple[str, Person]]:
    """Each person with a gateway, round robin."""
    return [(gateways[position % len(gateways)], person) for position, person in enumerate(people)]
