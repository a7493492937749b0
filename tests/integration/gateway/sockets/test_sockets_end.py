"""Closed connections: each has its close code."""

import asyncio
import gc
import os
import socket
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from kit.ids import new_id
from services.gateway.connection.connection import STUCK_MS, Connection
from services.gateway.connection.protocol import HELLO_MS
from services.gateway.fanout.hub import MAX_CONNECTIONS
from services.gateway.fanout.session_revocation import CHECK_INTERVAL_S
from services.gateway.foundation import Tuning
from tests.integration.gateway.sockets.browser import Browser
from tests.integration.gateway.sockets.handshake import status
from tests.integration.gateway.sockets.running import Stack, listens, running_stack
from tests.integration.gateway.sockets.running_gateway import SHOP, SITE
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow
FLOOD_BATCH = 16


async def test_a_hello_from_a_page_of_another_site_is_forbidden(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    async with demo.gateway.socket("visitor", origin="https://evil.example") as eve:
        await eve.send_frame("hello", token=token)
        assert await eve.closed() == 4403


@pytest.mark.parametrize("token", ["", "x" * 43, "ñ" * 43, None])
async def test_an_unknown_token_is_refused(demo: Stack, token: str | None) -> None:
    async with demo.gateway.socket("visitor") as eve:
        await eve.send_frame("hello", token=token)
        assert await eve.closed() == 4401


async def test_a_disabled_site_refuses_visitors(demo: Stack) -> None:
    """Requirement S-03."""
    await demo.add_site("closed", enabled=False)
    token, _ = await demo.gateway.new_visitor("closed")
    async with demo.gateway.socket("visitor") as vera:
        await vera.send_frame("hello", token=token)
        assert await vera.closed() == 4403


async def test_an_agent_without_a_session_is_refused(demo: Stack) -> None:
    async with demo.gateway.socket("agent") as eve:
        await eve.send_frame("hello")
        assert await eve.closed() == 4401


async def test_silent_connection_is_closed_after_the_deadline(demo: Stack) -> None:
    async with demo.gateway.socket("visitor") as silent:
        demo.gateway_clock.ahead_ms += HELLO_MS
        assert await silent.closed() == 4401


async def test_the_newest_connections_of_a_person_replace_the_oldest(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as oldest, asyncio.TaskGroup() as group:
        done = asyncio.Event()

        async def tab() -> None:
            async with demo.gateway.visitor(token):
                await done.wait()

        for _ in range(MAX_CONNECTIONS):
            group.create_task(tab())
        assert await oldest.closed() == 4409
        done.set()


async def test_sign_out_closes_the_connections_of_the_session_on_every_gateway(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Requirement I-21: over the bus, at once. Another session of the same agent stays open."""
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, gateways=2) as two:
        cookie, other = await two.sign_in("Ana"), await two.sign_in("Ana")
        identity = await two.gateway.process.identities.agent(cookie)
        assert identity is not None
        async with (
            two.gateways[0].agent(cookie) as here,
            two.gateways[1].agent(cookie) as there,
            two.gateways[1].agent(other) as untouched,
        ):
            await two.gateway.process.identities.sign_out(identity.session_id)
            await two.gateway.process.session_revocation.announce(SITE, identity.id, identity.session_id)
            assert {await here.closed(), await there.closed()} == {4401}
            await untouched.send_frame("ping")
            await untouched.next("pong")
            await two.gateway.process.session_revocation.announce(SITE, identity.id, None)
            assert await untouched.closed() == 4403


async def test_the_end_of_a_visitors_token_closes_the_visitors_sockets_on_every_gateway(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """With the code that makes a client begin as a new visitor. The token opens no socket any more."""
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, gateways=2) as two:
        (token, _), (kept, _) = await two.gateway.new_visitor(), await two.gateway.new_visitor()
        async with (
            two.gateways[0].visitor(token) as here,
            two.gateways[1].visitor(token) as there,
            two.gateways[1].visitor(kept) as untouched,
        ):
            async with httpx.AsyncClient() as http:
                address = f"http://{two.gateway.address}/api/v1/visitor/session/end"
                answer = await http.post(address, json={"token": token}, headers={"origin": SHOP})
            assert answer.status_code == 204
            assert {await here.closed(), await there.closed()} == {4401}
            await untouched.send_frame("ping")
            await untouched.next("pong")
        for gateway in two.gateways:
            async with gateway.socket("visitor") as again:
                await again.send_frame("hello", token=token)
                assert await again.closed() == 4401


async def test_a_token_that_ends_while_the_hello_is_answered_opens_no_socket(demo: Stack) -> None:
    """The hello has read the token before its end."""
    token, visitor_id = await demo.gateway.new_visitor()
    demo.gateway.process.session_revocation.apply_visitor(SITE, visitor_id)
    async with demo.gateway.socket("visitor") as late:
        await late.send_frame("hello", token=token)
        assert await late.closed() == 4401


async def test_an_ended_session_is_found_by_the_periodic_check_without_a_message_on_the_bus(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Requirement I-21: within ten seconds."""
    assert CHECK_INTERVAL_S < 10
    tuning = Tuning(session_check_s=0.2)
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, tuning=tuning) as demo:
        cookie = await demo.sign_in("Ana")
        identity = await demo.gateway.process.identities.agent(cookie)
        assert identity is not None
        async with demo.gateway.agent(cookie) as ana:
            await demo.gateway.process.identities.sign_out(identity.session_id)
            assert await ana.closed() == 4401


async def test_a_stopping_gateway_sends_drain_and_closes_with_1012(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        demo.gateway.stopping.set()
        assert (await vera.next("drain"))["within_ms"] == 200
        assert await status(demo, "visitor") == (503, "overloaded")
        assert await vera.closed() == 1012


@asynccontextmanager
async def flooded(demo: Stack, ana: Browser) -> AsyncIterator[socket.socket]:
    """The websocket of a visitor that stops reading while the agent writes, until the gateway cannot write any more."""
    token, _ = await demo.gateway.new_visitor()
    host, _, port = demo.gateway.address.partition(":")
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
    slow = await connect(
        f"ws://{demo.gateway.address}/ws/visitor", sock=plain, origin=Origin(SHOP), subprotocols=[Subprotocol("palique.v1")],
        compression=None, ping_interval=None, max_queue=1, close_timeout=0.1,
    )  # fmt: skip
    await slow.send(f'{{"type":"hello","token":"{token}"}}')
    await slow.send(f'{{"type":"send","client_id":"{new_id()}","text":"Hello"}}')
    queue = await ana.next("queue", lambda frame: frame["waiting"] == 1)
    conversation = queue["offers"][0]["conversation"]
    await ana.send_frame("accept", ref="1", conversation=conversation)
    await ana.next("reply")
    slow.transport.pause_reading()
    sent = 0
    while not demo.gateway.sample("palique_gateway_queue_length", queue="backlogs") and sent < 3000:
        # Many at a time: the kernel drops a connection 30 s after the client stopped reading, the gateway 20 s after this loop.
        for _ in range(FLOOD_BATCH):
            await ana.send_frame("send", client_id=new_id(), conversation=conversation, text="x" * 4000)
        await ana.send("x" * 4000, conversation)
        sent += FLOOD_BATCH + 1
    assert demo.gateway.sample("palique_gateway_queue_length", queue="backlogs")
    try:
        yield plain
    finally:
        slow.transport.abort()


@pytest.mark.parametrize("reads", [False, True], ids=["nothing", "a byte a second"])
async def test_a_slow_reader_is_closed_and_does_not_delay_others(demo: Stack, reads: bool) -> None:
    """Fault F4: closed within half a minute with bounded memory; the agent's messages are acknowledged meanwhile."""
    cookie, began_ms = await demo.sign_in("Ana"), demo.gateway_clock()
    async with demo.gateway.agent(cookie) as ana, flooded(demo, ana) as plain:

        def is_closed() -> bool:
            demo.gateway_clock.ahead_ms += 1000
            if reads:
                os.read(plain.fileno(), 1)
            return not demo.gateway.sample("palique_sockets", kind="visitor")

        await eventually(is_closed, sentence="the slow reader is closed")
        assert demo.gateway.closes == {"4408": 1}
        assert demo.gateway_clock() - began_ms >= STUCK_MS
        assert not demo.gateway.sample("palique_gateway_queue_length", queue="backlogs")


async def test_a_client_that_does_not_read_does_not_delay_the_stop(demo: Stack) -> None:
    """Such a client does not answer the closing handshake either."""
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.agent(cookie) as ana, flooded(demo, ana):
        demo.gateway.stopping.set()

        async def has_ended() -> bool:
            return not await listens(demo.gateway.ops)

        await eventually(has_ended, 15)


async def test_a_closed_connection_is_freed_at_once(demo: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the garbage collector, whose full runs are rare on purpose: thousands of clients may connect and leave."""
    checked = asyncio.Event()
    tick = Connection.tick

    def tick_and_notify(connection: Connection, now_ms: int) -> None:
        tick(connection, now_ms)
        checked.set()

    monkeypatch.setattr(Connection, "tick", tick_and_notify)
    token, _ = await demo.gateway.new_visitor()
    gc.disable()
    try:
        async with demo.gateway.visitor(token):
            (link,) = demo.gateway.process.hub.connections.values()
            wire = weakref.ref(link.transport)
            del link
            # A client that leaves during the welcome may leave an exception that holds the connection until the next collection.
            await eventually(
                lambda: not len(demo.gateway.process.tasks) and not len(demo.gateway.process.presence_reporter)
            )
            # The loop over all connections must not keep the last one.
            await eventually(checked.is_set, sentence="the deadlines of the connection are checked")
        await eventually(lambda: wire() is None, sentence="the transport is freed")
    finally:
        gc.enable()
