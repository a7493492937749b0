"""A stack with the faults that the alerts detect: one process of each service and constant load."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import aio_pika
from motor.motor_asyncio import AsyncIOMotorClient

from devstack.folders import Folders
from devstack.ports import Ports
from kit.bus.exchanges import EVENTS, PRESENCE
from kit.ids import new_id, now_ms
from kit.mongo import Document
from services.tickets.domain.mail import Content, Mail, new_mail
from services.tickets.store.mails import MailStore
from tests.faults.load import load_on
from tests.observability.other_system import OtherSystem, other_system
from tests.support.eventually import eventually
from tests.support.pause import pause, resume
from tests.support.protocol_client import Browser
from tests.support.proxy import Proxy
from tests.support.running import Running
from tests.support.stack import NO_ENGINE, ONE_ADDRESS, Stack

TALKS = 6
TALKING_S = 30
# The limit of sockets per visitor.
TABS = 20
# A frame has 12 KB: some dozens fill the socket buffers of both ends.
LONG_TEXT = "€" * 4000
LONG_TEXTS = 60
# More than the limit of 1,000 in the rule.
CONVERSATIONS = 1100
# Longer than the hour in the rule.
WAITED_MS = 2 * 3600 * 1000
# A validator that refuses every document.
NOTHING_FITS = {"_id": {"$type": "object"}}


class FaultyStack(NamedTuple):
    """A running stack with faults. `tickets_database`: the proxy between tickets and its database."""

    running: Running
    other_system: OtherSystem
    tickets_database: Proxy

    @asynccontextmanager
    async def paused_broker_and_waiting_visitors(self) -> AsyncIterator[None]:
        with _still(int(self.running.described()["rabbitmq"]["pid"])):
            async with _meanwhile(_again_and_again(self._visitor_asks, 1.0)):
                yield

    @asynccontextmanager
    async def database_stutters(self) -> AsyncIterator[None]:
        (database,) = self.running.described()["mongodb"]["pids"]
        async with _meanwhile(_stutter(database, still_s=2.0, runs_s=0.5)):
            yield

    @asynccontextmanager
    async def database_answers_now_and_then(self) -> AsyncIterator[None]:
        """Pauses longer than the time limit of an answer, shorter than the detection of an outage."""
        (database,) = self.running.described()["mongodb"]["pids"]
        async with _meanwhile(_stutter(database, still_s=9.5, runs_s=1.5)):
            yield

    @asynccontextmanager
    async def tickets_loses_its_database(self) -> AsyncIterator[None]:
        self.tickets_database.black_hole()
        try:
            # Its transcript cannot be read.
            async with _meanwhile(_again_and_again(self._chat_ends, 1.0)):
                yield
        finally:
            self.tickets_database.heal()

    @asynccontextmanager
    async def paused_chat(self) -> AsyncIterator[None]:
        with _still(self.running.pid("chat")):
            yield

    @asynccontextmanager
    async def gateway_gets_a_fifth_of_its_time(self) -> AsyncIterator[None]:
        async with _meanwhile(_stutter(self.running.pid("gateway"), still_s=1.2, runs_s=0.3)):
            yield

    @asynccontextmanager
    async def many_stop_reading(self) -> AsyncIterator[None]:
        async with (
            AsyncExitStack() as until_gone,
            _meanwhile(_again_and_again(partial(self._tabs_stop_reading, until_gone), 3.0)),
        ):
            yield

    @asynccontextmanager
    async def messages_fit_no_contract(self) -> AsyncIterator[None]:
        async with _meanwhile(_again_and_again(self._rubbish_arrives, 1.0)):
            yield

    @asynccontextmanager
    async def documents_of_conversations_cannot_be_written(self) -> AsyncIterator[None]:
        """As with a full disk or missing rights; the logs remain writable."""
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(self.running.mongodb_url)
        database = client["palique_chat"]
        try:
            conversations = [await self.other_system.start() for _ in range(CONVERSATIONS)]
            await database.command({"collMod": "conversations", "validator": NOTHING_FITS})
            await self.other_system.say("Hello", conversations)
            yield
        finally:
            await database.command({"collMod": "conversations", "validator": {}})
            client.close()

    @asynccontextmanager
    async def mails_are_not_sent(self) -> AsyncIterator[None]:
        """The stack has no mail server: one mail waits since long, and others end with their time."""
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(self.running.mongodb_url)
        mails = MailStore(client["palique_tickets"])
        try:
            await mails.insert(_mail(WAITED_MS, left_ms=WAITED_MS))
            async with _meanwhile(_again_and_again(lambda: mails.insert(_mail(WAITED_MS, left_ms=0)), 1.0)):
                yield
        finally:
            await client["palique_tickets"]["mails"].delete_many({})
            client.close()

    async def _chat_ends(self) -> None:
        await self.other_system.close(await self.other_system.start())

    async def _rubbish_arrives(self) -> None:
        async with await aio_pika.connect(self.running.amqp_url) as connection:
            channel = await connection.channel()
            for exchange, key in ((EVENTS, "chat.closed"), (PRESENCE, "typing")):
                target = await channel.get_exchange(exchange.name, ensure=False)
                await target.publish(aio_pika.Message(b"rubbish"), key)

    async def _visitor_asks(self) -> None:
        async with Browser(self.running.public(0)) as browser, browser.as_visitor() as client:
            await client.send("Is anybody there?", None)

    async def _tabs_stop_reading(self, until_gone: AsyncExitStack) -> None:
        """Tabs of a visitor that gets more messages than the sockets can buffer."""
        browser = await until_gone.enter_async_context(Browser(self.running.public(0)))
        tabs = [await until_gone.enter_async_context(browser.as_visitor()) for _ in range(TABS)]
        conversation = str((await tabs[0].send("Hello", None))["conversation"])
        for tab in tabs:
            tab.stop_reading()
            # Aborted without a close handshake, which these tabs could not complete.
            until_gone.callback(tab.cut)
        await self.other_system.say(LONG_TEXT, [conversation] * LONG_TEXTS)


@asynccontextmanager
async def faulty_stack(home: Path) -> AsyncIterator[FaultyStack]:
    """Runs while the block runs."""
    ports = Ports(Folders(home).state / "ports.json")
    proxy = Proxy("127.0.0.1", ports.port("mongodb"))
    proxy.port = ports.port("tickets to mongodb")
    env = {
        "PALIQUE_STACK_ENV_TICKETS_1_PALIQUE_MONGODB_URL": f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true"
    }
    stack = Stack(home, dict([NO_ENGINE]) | ONE_ADDRESS | env)
    async with proxy:
        try:
            await asyncio.to_thread(stack.start)
            running = Running(home)
            async with (
                other_system(running) as other,
                load_on([running.public(0)], running.mongodb_url, talks=TALKS) as load,
            ):
                # Sockets must be open before they can be refused.
                await eventually(lambda: load.acknowledged >= TALKS, TALKING_S)
                yield FaultyStack(running, other, proxy)
        finally:
            await asyncio.to_thread(stack.stop)


def _mail(age_ms: int, left_ms: int) -> Mail:
    now = now_ms()
    content = Content(to="vera@shop.example", subject="Set a password", text="A link", html="")
    return new_mail(new_id(), "demo", content, now + left_ms, now - age_ms)


@contextmanager
def _still(pid: int) -> Iterator[None]:
    """Pauses the process: it exists and answers nothing."""
    pause(pid)
    try:
        yield
    finally:
        resume(pid)


async def _stutter(pid: int, still_s: float, runs_s: float) -> None:
    while True:
        with _still(pid):
            await asyncio.sleep(still_s)
        await asyncio.sleep(runs_s)


async def _again_and_again(act: Callable[[], Awaitable[object]], pause_s: float) -> None:
    while True:
        await act()
        await asyncio.sleep(pause_s)


@asynccontextmanager
async def _meanwhile(doing: Any) -> AsyncIterator[None]:
    """Runs it until the block ends, and raises its exception then."""
    task = asyncio.create_task(doing)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
