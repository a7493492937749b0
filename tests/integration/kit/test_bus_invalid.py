"""A3: a message that fits no contract is refused once, and no property or key of a message ends the connection to the broker."""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aio_pika
import pytest
from aiormq.abc import AbstractChannel
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pamqp import encode
from pamqp.commands import Basic
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from kit.bus.contract import InvalidMessage
from kit.bus.exchanges import EVENTS, LIVE
from kit.bus.publisher import Publisher
from kit.bus.subscriber import LiveSubscriber, invalid_messages_counter
from kit.bus.work_queue import WorkConsumer
from kit.ids import new_id
from tests.integration.kit.bad_properties import PROPERTIES, flags, nested, short, table, text
from tests.integration.kit.broker_clients import LOG, channel_to, dead_letter, running
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow

KEY = "test.a"


class Raw(Basic.Properties):
    """Properties as these bytes: flags, then values."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    def marshal(self) -> bytes:
        return self.data


class Sent(NamedTuple):
    """A message: its body, its properties, its routing key."""

    body: bytes
    properties: bytes = flags()
    key: bytes = KEY.encode()


class Side:
    """A consumer of facts and a subscriber of live messages, which refuse the body `invalid`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.facts: list[bytes] = []
        self.live: list[bytes] = []
        self.attached = 0
        self.queue = f"work.{new_id()}"
        self.consumer = WorkConsumer(
            self.queue, ("#",), self._take_fact, log=LOG, registry=self.registry, retry_wait_s=0.05, retry_for_s=0.2
        )
        invalid = invalid_messages_counter(self.registry)
        self.subscriber = LiveSubscriber(
            LIVE, "test", handle=self._take_live, on_attached=self._attach, log=LOG, invalid=invalid
        )

    async def _take_fact(self, _: str, body: bytes) -> None:
        self.facts.append(body)
        if body == b"invalid":
            raise InvalidMessage("The body is no fact.")
        if body == b"failing":
            raise ValueError("not now")

    def _take_live(self, _: str, body: bytes) -> None:
        self.live.append(body)
        if body == b"invalid":
            raise InvalidMessage("The body is no hint.")

    def _attach(self) -> None:
        self.attached += 1

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def side_at(url: str) -> AsyncIterator[Side]:
    side = Side()
    async with running(url, [side.consumer, side.subscriber]):
        yield side
        assert side.attached == 1, "the connection ended"


@pytest.fixture(autouse=True)
def any_routing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library of the sender refuses keys that are no UTF-8."""

    def short_string(value: str) -> bytes:
        return short(value.encode(errors="surrogateescape"))

    monkeypatch.setitem(encode.METHODS, "shortstr", short_string)


async def send(url: str, exchange: str, messages: Sequence[Sent]) -> None:
    connection = await aio_pika.connect(url)
    try:
        channel = await connection.channel()
        raw: AbstractChannel = await channel.get_underlay_channel()
        for one in messages:
            key = one.key.decode(errors="surrogateescape")
            await raw.basic_publish(one.body, exchange=exchange, routing_key=key, properties=Raw(one.properties))
    finally:
        await connection.close()


def lines_of(logs: Sequence[Any]) -> list[str]:
    return [line["event"] for line in logs if line["log_level"] in ("warning", "error")]


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


async def test_an_invalid_fact_goes_to_the_dead_letters_at_once(vhost_url: str, logs: list[object]) -> None:
    async with side_at(vhost_url) as side, channel_to(vhost_url) as channel:
        publisher = Publisher(EVENTS, confirms=True)
        async with running(vhost_url, [publisher]):
            await publisher.publish(b"invalid", KEY, message_id="7")
            await publisher.publish(b"good", KEY)
        dead = await dead_letter(channel, side.queue)
        await eventually(lambda: side.facts == [b"invalid", b"good"])
        assert (dead.body, dead.message_id) == (b"invalid", "7")
        assert side.count("palique_facts_taken_total", outcome="invalid") == 1
        assert side.count("palique_facts_taken_total", outcome="again") == 0
    assert lines_of(logs) == ["invalid fact sent to the dead letters"]


async def test_an_invalid_live_message_is_dropped_and_counted(vhost_url: str, logs: list[object]) -> None:
    async with side_at(vhost_url) as side:
        await send(vhost_url, LIVE.name, [Sent(b"invalid"), Sent(b"good")])
        await eventually(lambda: side.live == [b"invalid", b"good"])
        assert side.count("palique_live_messages_invalid_total", exchange=LIVE.name) == 1
    assert lines_of(logs) == ["invalid live message dropped"]


@pytest.mark.parametrize("properties", PROPERTIES.values(), ids=PROPERTIES.keys())
async def test_properties_that_cannot_be_decoded_leave_the_message_and_the_connection(
    vhost_url: str, properties: bytes
) -> None:
    """Also the copies that wait for a retry can be written, and the retries end."""
    async with side_at(vhost_url) as side, channel_to(vhost_url) as channel:
        await send(vhost_url, LIVE.name, [Sent(b"x", properties, b"\xff"), Sent(b"good")])
        await eventually(lambda: side.live == [b"x", b"good"])
        await send(vhost_url, EVENTS.name, [Sent(b"failing", properties, b"\xff.\xfe"), Sent(b"good", properties)])
        dead = await dead_letter(channel, side.queue)
        await eventually(lambda: b"good" in side.facts)
        assert dead.body == b"failing"


def values() -> st.SearchStrategy[bytes]:
    """Typed values of a header that the broker takes: it ends a sender's connection for other bytes, such as a number that is none."""
    leaves = st.one_of(
        st.binary(max_size=12).map(text),
        st.sampled_from((b"V", b"t\1", b"T" + b"\x7f" * 8, b"l" + b"\xff" * 8)),
        st.integers(0, 120).map(nested),
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(st.tuples(st.binary(max_size=9), inner), max_size=3).map(
            lambda pairs: b"F" + table(*pairs)
        ),
        max_leaves=5,
    )


def properties() -> st.SearchStrategy[bytes]:
    headers = st.lists(st.tuples(st.binary(max_size=9), values()), max_size=3)
    texts = st.binary(max_size=255)
    return st.one_of(
        headers.map(lambda pairs: flags("headers") + table(*pairs)),
        st.builds(lambda pairs, one: flags("headers", "message_id") + table(*pairs) + short(one), headers, texts),
        st.builds(lambda one, other: flags("reply_to", "message_id") + short(one) + short(other), texts, texts),
        st.integers(0, 2**64 - 1).map(lambda at: flags("timestamp") + struct.pack(">Q", at)),
    )


MESSAGES = st.builds(Sent, st.sampled_from((b"good", b"invalid", b"failing")), properties(), st.binary(max_size=255))


# Without shrinking: each example has connections of its own.
@settings(max_examples=8, database=None, phases=(Phase.generate,))
@given(st.lists(MESSAGES, min_size=20, max_size=40))
def test_any_properties_and_keys_leave_every_message_and_the_connection(vhost_url: str, messages: list[Sent]) -> None:
    async def exchange() -> None:
        async with side_at(vhost_url) as side, channel_to(vhost_url) as channel:
            await send(vhost_url, LIVE.name, messages)
            await send(vhost_url, EVENTS.name, messages)
            bodies = [one.body for one in messages]
            await eventually(lambda: side.live == bodies)

            async def ended() -> bool:
                """Each fact is handled or in the dead letters."""
                dead = await channel.declare_queue(f"{side.queue}.dead", passive=True)
                done = side.count("palique_facts_taken_total", outcome="done")
                return done + (dead.declaration_result.message_count or 0) == len(messages)

            await eventually(ended)

    asyncio.run(exchange())
