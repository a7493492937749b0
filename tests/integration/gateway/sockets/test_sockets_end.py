"""How sockets are refused and how they end: each with its status or its close code."""

import asyncio
import gc
import json
import os
import socket
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from kit.ids import new_id
from services.gateway.fanout.hub import MAX_CONNECTIONS
from tests.integration.gateway.sockets.running import SHOP, SITE, Browser, Town, listens, town
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def status(demo: Town, kind: str, **options: Any) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        async with demo.door.socket(kind, **options):
            pass
    body: dict[str, Any] = json.loads(refused.value.response.body)
    return refused.value.response.status_code, body["code"]


@pytest.mark.parametrize("kind", ["visitor", "agent"])
@pytest.mark.parametrize("origin", ["null", None, "file://x"])
async def test_the_handshake_needs_an_origin(demo: Town, kind: str, origin: str | None) -> None:
    """I-23."""
    assert await status(demo, kind, origin=origin) == (403, "origin_refused")


async def test_an_agent_comes_from_the_dashboard_only(demo: Town) -> None:
    assert await status(demo, "agent", origin="https://evil.example") == (403, "origin_refused")


async def test_the_sub_protocol_is_asked_for(demo: Town) -> None:
    assert await status(demo, "visitor", subprotocols=None) == (400, "invalid")
    async with demo.door.socket("visitor", subprotocols=["palique.v0"]) as old:
        assert await old.closed() == 4410


async def test_a_page_of_another_origin_is_forbidden_at_the_hello(demo: Town) -> None:
    token, _ = await demo.door.new_visitor()
    async with demo.door.socket("visitor", origin="https://evil.example") as eve:
        await eve.say("hello", token=token)
        assert await eve.closed() == 4403


@pytest.mark.parametrize("token", ["", "x" * 43, "ñ" * 43, None])
async def test_a_token_that_was_not_given_opens_nothing(demo: Town, token: str | None) -> None:
    async with demo.door.socket("visitor") as eve:
        await eve.say("hello", token=token)
        assert await eve.closed() == 4401


async def test_a_switched_off_site_takes_no_visitors(demo: Town) -> None:
    """S-03."""
    await demo.add_site("closed", enabled=False)
    token, _ = await demo.door.new_visitor("closed")
    async with demo.door.socket("visitor") as vera:
        await vera.say("hello", token=token)
        assert await vera.closed() == 4403


async def test_no_cookie_no_agent(demo: Town) -> None:
    async with demo.door.socket("agent") as eve:
        await eve.say("hello")
        assert await eve.closed() == 4401


async def test_who_says_nothing_is_sent_away(demo: Town) -> None:
    async with demo.door.socket("visitor") as silent:
        assert await silent.closed() == 4401


async def test_the_newest_sockets_of_a_person_replace_the_oldest(demo: Town) -> None:
    token, _ = await demo.door.new_visitor()
    async with demo.door.visitor(token) as oldest, asyncio.TaskGroup() as group:
        done = asyncio.Event()

        async def tab() -> None:
            async with demo.door.visitor(token):
                await done.wait()

        for _ in range(MAX_CONNECTIONS):
            group.create_task(tab())
        assert await oldest.closed() == 4409
        done.set()


async def test_signing_out_ends_that_sessions_sockets_everywhere(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """I-21: over the bus at once; another session of the same agent goes on."""
    async with town(mongodb_url, vhost_url, database_prefix, tmp_path, gateways=2) as two:
        cookie, other = await two.sign_in("Ana"), await two.sign_in("Ana")
        identity = await two.door.gateway.identities.agent(cookie)
        assert identity is not None
        async with (
            two.doors[0].agent(cookie) as here,
            two.doors[1].agent(cookie) as there,
            two.doors[1].agent(other) as untouched,
        ):
            await two.door.gateway.identities.sign_out(identity.session_id)
            await two.door.gateway.session_revocation.announce(SITE, identity.id, identity.session_id)
            assert {await here.closed(), await there.closed()} == {4401}
            await untouched.say("ping")
            await untouched.next("pong")
            await two.door.gateway.session_revocation.announce(SITE, identity.id, None)
            assert await untouched.closed() == 4403


async def test_a_session_that_ended_unheard_is_found_within_ten_seconds(demo: Town) -> None:
    """I-21 without any word on the bus."""
    cookie = await demo.sign_in("Ana")
    identity = await demo.door.gateway.identities.agent(cookie)
    assert identity is not None
    async with demo.door.agent(cookie) as ana:
        await demo.door.gateway.identities.sign_out(identity.session_id)
        assert await ana.closed() == 4401


async def test_a_stopping_gateway_asks_everybody_to_move_and_closes_with_1012(demo: Town) -> None:
    token, _ = await demo.door.new_visitor()
    async with demo.door.visitor(token) as vera:
        demo.door.stopping.set()
        assert (await vera.next("drain"))["within_ms"] == 200
        assert await status(demo, "visitor") == (503, "overloaded")
        assert await vera.closed() == 1012


@asynccontextmanager
async def flooded(demo: Town, ana: Browser) -> AsyncIterator[socket.socket]:
    """A visitor who reads nothing any more while the agent writes to them, until nothing more can be written; their socket."""
    token, _ = await demo.door.new_visitor()
    host, _, port = demo.door.address.partition(":")
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
    slow = await connect(
        f"ws://{demo.door.address}/ws/visitor", sock=plain, origin=Origin(SHOP), subprotocols=[Subprotocol("palique.v1")],
        compression=None, ping_interval=None, max_queue=1, close_timeout=0.1,
    )  # fmt: skip
    await slow.send(f'{{"type":"hello","token":"{token}"}}')
    await slow.send(f'{{"type":"send","client_id":"{new_id()}","text":"Hello"}}')
    queue = await ana.next("queue", lambda frame: frame["waiting"] == 1)
    conversation = queue["offers"][0]["conversation"]
    await ana.say("accept", ref="1", conversation=conversation)
    await ana.next("reply")
    slow.transport.pause_reading()
    sent = 0
    while not demo.door.sample("palique_gateway_queue_length", queue="backlogs") and sent < 3000:
        await ana.send("x" * 4000, conversation)
        sent += 1
    assert demo.door.sample("palique_gateway_queue_length", queue="backlogs")
    try:
        yield plain
    finally:
        slow.transport.abort()


@pytest.mark.parametrize("reads", [False, True], ids=["nothing", "a byte a second"])
async def test_a_peer_that_reads_too_slowly_is_cut_off_and_harms_nobody(demo: Town, reads: bool) -> None:
    """F4: freed within half a minute, its frames bounded; the agent's are acknowledged meanwhile."""
    cookie = await demo.sign_in("Ana")

    async def trickle(plain: socket.socket) -> None:
        while reads:
            os.read(plain.fileno(), 1)
            await asyncio.sleep(1)

    async with demo.door.agent(cookie) as ana, flooded(demo, ana) as plain:
        reading = asyncio.create_task(trickle(plain))
        await eventually(lambda: not demo.door.sample("palique_sockets", kind="visitor"), 30)
        assert demo.door.sample("palique_socket_closes_total", code="4408") == 1
        assert not demo.door.sample("palique_gateway_queue_length", queue="backlogs")
        reading.cancel()
        await asyncio.wait((reading,))


async def test_a_peer_that_does_not_read_holds_up_no_stop(demo: Town) -> None:
    """It has no part in the closing handshake either."""
    cookie = await demo.sign_in("Ana")
    async with demo.door.agent(cookie) as ana, flooded(demo, ana):
        demo.door.stopping.set()

        async def has_ended() -> bool:
            return not await listens(demo.door.ops)

        await eventually(has_ended, 15)


async def test_a_socket_that_is_gone_is_freed_at_once(demo: Town) -> None:
    """Not by the collector, whose full runs are rare on purpose: a crowd that comes and goes must leave nothing behind."""
    token, _ = await demo.door.new_visitor()
    gc.disable()
    try:
        async with demo.door.visitor(token):
            (link,) = demo.door.gateway.hub.connections.values()
            wire = weakref.ref(link.transport)
            del link
            # Who leaves halfway through the welcome may leave an error behind that holds them, for the collector.
            await eventually(lambda: not len(demo.door.gateway.tasks) and not len(demo.door.gateway.presence_reporter))
        await eventually(lambda: wire() is None)
    finally:
        gc.enable()
