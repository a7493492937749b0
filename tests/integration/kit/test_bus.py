"""The bus on a real broker, through connections that are cut."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import pytest
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pamqp.common import FieldTable
from prometheus_client import CollectorRegistry

from devstack.rabbitmq import PrivateRabbit
from devstack.shared_backends import shared_rabbitmq
from kit.bus.connection import HEARTBEAT_S, RECONNECT_MAX_S, BrokerClient, BrokerConnection, connections_gauge
from kit.bus.exchanges import DEAD, EVENTS, LIVE, PRESENCE, BusDown, Exchange
from kit.bus.publisher import Publisher
from kit.bus.subscriber import LiveSubscriber, invalid_messages_counter
from kit.bus.work_queue import PREFETCH, RETRIED_MS, WorkConsumer
from kit.ids import new_id
from tests.support.eventually import eventually
from tests.support.proxy import Proxy
from tests.support.stack import NO_ENGINE

pytestmark = pytest.mark.slow

LOG = structlog.stdlib.get_logger("test")


def through(proxy: Proxy, url: str) -> str:
    """The broker's URL with the proxy in the way."""
    parts = urlsplit(url)
    user = f"{parts.username}:{parts.password}@" if parts.username else ""
    return urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{proxy.port}"))


@pytest.fixture
async def proxy(vhost_url: str) -> AsyncIterator[Proxy]:
    parts = urlsplit(vhost_url)
    async with Proxy(parts.hostname or "", parts.port or 5672) as proxy:
        yield proxy


@asynccontextmanager
async def running(
    url: str, clients: Sequence[BrokerClient], heartbeat_s: int = HEARTBEAT_S
) -> AsyncIterator[BrokerConnection]:
    """A connection to the broker that is open."""
    gauge = connections_gauge(CollectorRegistry())
    bus = BrokerConnection(url, "test", clients, log=LOG, connections=gauge, heartbeat_s=heartbeat_s)
    task = asyncio.create_task(bus.run())
    try:
        await eventually(lambda: bus.connected)
        yield bus
    finally:
        task.cancel()
        await asyncio.wait((task,), timeout=10)
        assert task.cancelled(), "the bus does not end when cancelled"


@asynccontextmanager
async def channel_to(url: str) -> AsyncIterator[AbstractChannel]:
    connection = await aio_pika.connect(url)
    try:
        yield await connection.channel()
    finally:
        await connection.close()


class Heard:
    """A live subscriber that records its calls."""

    def __init__(self, exchange: Exchange = LIVE, keys: Sequence[str] = ("",)) -> None:
        self.events: list[Any] = []
        self.subscriber = LiveSubscriber(
            exchange,
            "test",
            handle=self._handle,
            on_attached=lambda: self.events.append("attached"),
            log=LOG,
            invalid=invalid_messages_counter(CollectorRegistry()),
            keys=keys,
        )

    def _handle(self, key: str, body: bytes) -> None:
        if body == b"bad":
            raise ValueError("bad")
        self.events.append((key, body))


def worker(handle: Callable[[str, bytes], Any], queue: str = "", **options: Any) -> tuple[str, WorkConsumer]:
    queue = queue or f"work.{new_id()}"
    return queue, WorkConsumer(queue, ("test.*",), handle, log=LOG, registry=CollectorRegistry(), **options)


async def test_live_messages_reach_each_subscriber_in_order(vhost_url: str) -> None:
    one, other, publisher = Heard(), Heard(), Publisher(LIVE, confirms=False)
    async with running(vhost_url, [one.subscriber, other.subscriber, publisher]):
        for n in range(100):
            await publisher.publish(str(n).encode())
        expected = ["attached", *(("", str(n).encode()) for n in range(100))]
        await eventually(lambda: one.events == other.events == expected)


async def test_a_subscriber_gets_messages_of_its_keys_only(vhost_url: str) -> None:
    heard, publisher = Heard(PRESENCE, ["a", "b"]), Publisher(PRESENCE, confirms=False, ttl_s=5)
    async with running(vhost_url, [heard.subscriber, publisher]):
        for key in ("c", "b", "a"):
            await publisher.publish(b"x", key)
        await eventually(lambda: heard.events == ["attached", ("b", b"x"), ("a", b"x")])


async def test_a_message_that_cannot_be_handled_does_not_end_the_subscription(vhost_url: str) -> None:
    heard, publisher = Heard(), Publisher(LIVE, confirms=False)
    async with running(vhost_url, [heard.subscriber, publisher]):
        await publisher.publish(b"bad")
        await publisher.publish(b"good")
        await eventually(lambda: heard.events[-1] == ("", b"good"))


async def test_after_a_cut_all_reconnects_and_the_subscriber_is_informed(vhost_url: str, proxy: Proxy) -> None:
    """F3: messages published meanwhile are missed, so `on_attached` is called at each connection, before any message arrives."""
    heard, publisher = Heard(), Publisher(LIVE, confirms=False)
    async with running(through(proxy, vhost_url), [heard.subscriber, publisher]) as bus:
        for round_ in range(3):
            await publisher.publish(b"%d" % round_)
            await eventually(lambda: heard.events[-1] == ("", b"%d" % round_))  # noqa: B023 - awaited at once
            proxy.reset()
            await eventually(lambda: not bus.connected)
            await eventually(lambda: bus.connected)
    assert heard.events == ["attached", ("", b"0"), "attached", ("", b"1"), "attached", ("", b"2"), "attached"]


async def test_without_a_broker_publishing_fails_at_once() -> None:
    publisher = Publisher(EVENTS, confirms=True)
    with pytest.raises(BusDown):
        await publisher.publish(b"x", "test.a")
    # Port 9 of loopback: no process listens there.
    bus = BrokerConnection(
        "amqp://guest:guest@127.0.0.1:9/",
        "test",
        [publisher],
        log=LOG,
        connections=connections_gauge(CollectorRegistry()),
    )
    task = asyncio.create_task(bus.run())
    await asyncio.sleep(0)
    with pytest.raises(BusDown):
        await publisher.publish(b"x", "test.a")
    assert not await bus.is_connected()
    task.cancel()
    await asyncio.wait((task,), timeout=5)
    assert task.cancelled()


async def test_publishing_fails_while_no_queue_is_bound(vhost_url: str) -> None:
    """A fact published before its consumer first started stays in the outbox (requirement I-3: no fact is lost)."""
    publisher = Publisher(EVENTS, confirms=True, mandatory=True)
    async with running(vhost_url, [publisher]):
        with pytest.raises(BusDown):
            await publisher.publish(b"x", "no.queue")


async def test_the_reconnect_wait_is_bounded_after_very_many_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two to the power of a day's failures exceeds a float."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1500:
            raise asyncio.CancelledError

    async def refuse(*_: Any, **__: Any) -> None:
        raise OSError("refused")

    monkeypatch.setattr("kit.bus.connection.asyncio.sleep", pause)
    monkeypatch.setattr("kit.bus.connection.aio_pika.connect", refuse)
    with pytest.raises(asyncio.CancelledError):
        await BrokerConnection(
            "amqp://x", "test", [], log=LOG, connections=connections_gauge(CollectorRegistry())
        ).run()
    assert max(pauses) <= RECONNECT_MAX_S


async def test_a_publish_cut_off_with_its_connection_raises_busdown(vhost_url: str, proxy: Proxy) -> None:
    publisher = Publisher(EVENTS, confirms=True)
    async with running(through(proxy, vhost_url), [publisher]) as bus:
        proxy.black_hole()
        publishing = [asyncio.create_task(publisher.publish(b"x", "test.a")) for _ in range(5)]
        await eventually(lambda: len(asyncio.all_tasks()) > 5)
        proxy.reset()
        proxy.heal()
        results = await asyncio.wait_for(asyncio.gather(*publishing, return_exceptions=True), 10)
        assert [type(result) for result in results] == [BusDown] * 5
        await eventually(lambda: bus.connected)
        await publisher.publish(b"x", "test.a")


async def test_publishing_into_a_black_hole_and_stopping_then_are_bounded(vhost_url: str, proxy: Proxy) -> None:
    publisher = Publisher(EVENTS, confirms=True, timeout_s=0.1)
    async with running(through(proxy, vhost_url), [publisher]):
        proxy.black_hole()
        for _ in range(30):  # more than the library's own buffers take
            with pytest.raises(BusDown):
                await asyncio.wait_for(publisher.publish(b"x" * 100_000, "test.a"), 5)


async def test_a_black_hole_is_found_by_heartbeats(vhost_url: str, proxy: Proxy) -> None:
    """Requirement I-4: a connection without answers ends."""
    heard = Heard()
    async with running(through(proxy, vhost_url), [heard.subscriber], heartbeat_s=1) as bus:
        proxy.black_hole()
        await eventually(lambda: not bus.connected)
        proxy.heal()
        proxy.reset()
        await eventually(lambda: bus.connected)
    assert heard.events == ["attached", "attached"]


async def test_publishing_to_a_broker_that_stopped_reading_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F3: at a resource alarm the broker stops reading from publishers, whose calls must end."""
    monkeypatch.setenv(*NO_ENGINE)
    publisher = Publisher(EVENTS, confirms=True, timeout_s=0.2)

    async def taken() -> bool:
        try:
            await asyncio.wait_for(publisher.publish(b"x", "test.a"), 5)
        except BusDown:
            return False
        return True

    async def refused() -> bool:
        return not await taken()

    # A broker of its own: every publisher of the broker feels the alarm.
    with shared_rabbitmq(None, tmp_path) as rabbitmq:
        assert isinstance(rabbitmq.backend, PrivateRabbit)
        control = rabbitmq.backend.control
        async with running(rabbitmq.url, [publisher]):
            await publisher.publish(b"x", "test.a")
            await asyncio.to_thread(control, "set_vm_memory_high_watermark", "0.000001")
            await eventually(refused)
            await asyncio.to_thread(control, "set_vm_memory_high_watermark", "absolute", "512MB")
            await eventually(taken)


async def test_a_fact_is_handled_by_one_of_the_replicas(vhost_url: str) -> None:
    taken: list[tuple[str, bytes]] = []

    async def handle(key: str, body: bytes) -> None:
        taken.append((key, body))

    queue, one = worker(handle)
    _, other = worker(handle, queue)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [one, other, publisher]):
        for n in range(20):
            await publisher.publish(b"%d" % n, "test.a", message_id=str(n))
        await publisher.publish(b"not ours", "other.a")
        await eventually(lambda: len(taken) == 20)
    assert {body for _, body in taken} == {b"%d" % n for n in range(20)}


async def test_facts_wait_for_a_stopped_consumer(vhost_url: str) -> None:
    taken: list[bytes] = []

    async def handle(_: str, body: bytes) -> None:
        taken.append(body)

    queue, before = worker(handle)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [before]):
        pass
    async with running(vhost_url, [publisher]):
        await publisher.publish(b"meanwhile", "test.a")
    assert not taken
    _, after = worker(handle, queue)
    async with running(vhost_url, [after]):
        await eventually(lambda: taken == [b"meanwhile"])


async def test_a_fact_is_delivered_again_when_its_handler_raises(vhost_url: str) -> None:
    attempts: list[bytes] = []

    async def handle(_: str, body: bytes) -> None:
        attempts.append(body)
        if len(attempts) < 3:
            raise ValueError("not yet")

    _, consumer = worker(handle, retry_wait_s=0.01)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [consumer, publisher]):
        await publisher.publish(b"x", "test.a")
        await eventually(lambda: len(attempts) == 3)
    assert attempts == [b"x"] * 3


async def test_a_fact_whose_acknowledgement_was_lost_is_delivered_again(vhost_url: str, proxy: Proxy) -> None:
    started = asyncio.Event()
    attempts: list[bytes] = []

    async def handle(_: str, body: bytes) -> None:
        attempts.append(body)
        started.set()
        if len(attempts) == 1:
            await asyncio.Event().wait()  # until the connection is lost

    _, consumer = worker(handle)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [publisher]), running(through(proxy, vhost_url), [consumer]):
        await publisher.publish(b"x", "test.a")
        await started.wait()
        proxy.reset()
        await eventually(lambda: attempts == [b"x", b"x"])


async def test_a_fact_that_always_fails_goes_to_the_dead_letters_after_the_retry_time(vhost_url: str) -> None:
    attempts: list[bytes] = []

    async def handle(_: str, body: bytes) -> None:
        attempts.append(body)
        if body == b"poison":
            raise ValueError("never")

    queue, consumer = worker(handle, retry_for_s=0.25, retry_wait_s=0.1)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [consumer, publisher]), channel_to(vhost_url) as channel:
        await publisher.publish(b"poison", "test.a", message_id="7")
        await publisher.publish(b"good", "test.a")
        dead = await dead_letter(channel, queue)
    assert (dead.body, dead.message_id) == (b"poison", "7")
    # A fact that an operator moves back to the queue gets the whole retry time again.
    assert RETRIED_MS not in dead.headers
    assert attempts.count(b"poison") == 3
    assert attempts.count(b"good") == 1


async def dead_letter(channel: AbstractChannel, queue: str) -> AbstractIncomingMessage:
    dead = await channel.get_queue(f"{queue}.dead")
    message = await eventually(lambda: dead.get(fail=False, no_ack=True))
    assert message is not None
    return message


async def test_many_failing_facts_do_not_delay_a_good_one(vhost_url: str) -> None:
    """Facts that wait for their retry occupy no slot of the consumer."""
    failed: list[bytes] = []
    done: list[bytes] = []

    async def handle(_: str, body: bytes) -> None:
        if body == b"good":
            done.append(body)
            return
        failed.append(body)
        raise ValueError("not yet")

    _, consumer = worker(handle, retry_wait_s=60)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [consumer, publisher]):
        for n in range(2 * PREFETCH):
            await publisher.publish(b"%d" % n, "test.a")
        await publisher.publish(b"good", "test.a")
        await eventually(lambda: done == [b"good"])
        assert sorted(failed) == sorted(b"%d" % n for n in range(2 * PREFETCH))


async def test_the_retry_time_is_bounded_when_handlers_hang(vhost_url: str) -> None:
    """The time that an attempt hangs counts like the waits between attempts."""
    attempts: list[float] = []

    async def handle(_: str, __: bytes) -> None:
        attempts.append(monotonic())
        await asyncio.Event().wait()

    queue, consumer = worker(handle, retry_for_s=0.5, retry_wait_s=0.02, handle_timeout_s=0.1)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [consumer, publisher]), channel_to(vhost_url) as channel:
        await publisher.publish(b"x", "test.a")
        await dead_letter(channel, queue)
    # 0.5 s hold four attempts of 0.12 s, and the fifth, which is begun within them, ends the trying.
    assert 2 <= len(attempts) <= 5


async def test_a_retried_fact_keeps_its_routing_key_id_and_headers(vhost_url: str) -> None:
    keys: list[str] = []

    async def handle(key: str, _: bytes) -> None:
        keys.append(key)
        raise ValueError("never")

    queue, consumer = worker(handle, retry_wait_s=0.1, retry_for_s=0.15)
    async with running(vhost_url, [consumer]), channel_to(vhost_url) as channel:
        events = await channel.get_exchange(EVENTS.name)
        await events.publish(aio_pika.Message(b"x", headers={"traceparent": "00-1"}, message_id="7"), "test.a")
        dead = await dead_letter(channel, queue)
    assert keys == ["test.a", "test.a"]
    assert dead.message_id == "7"
    assert dead.headers.items() >= {("traceparent", "00-1")}


async def test_a_fact_is_retried_although_the_retry_queue_was_deleted(vhost_url: str) -> None:
    attempts: list[bytes] = []
    deleted = asyncio.Event()

    async def handle(_: str, body: bytes) -> None:
        attempts.append(body)
        if len(attempts) == 1:
            await deleted.wait()
            raise ValueError("not yet")

    queue, consumer = worker(handle, retry_wait_s=0.01)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [consumer, publisher]), channel_to(vhost_url) as channel:
        await publisher.publish(b"x", "test.a")
        await eventually(lambda: attempts)
        await channel.queue_delete(f"{queue}.retry")
        deleted.set()
        await eventually(lambda: attempts == [b"x"] * 2)


async def test_the_queue_of_an_older_release_is_still_declared(vhost_url: str) -> None:
    """Release 0.1.0 declared these arguments, and a broker refuses a declaration with others."""
    taken: list[bytes] = []

    async def handle(_: str, body: bytes) -> None:
        taken.append(body)

    queue, consumer = worker(handle)
    publisher = Publisher(EVENTS, confirms=True)
    async with channel_to(vhost_url) as channel:
        await channel.declare_queue(f"{queue}.dead", durable=True, arguments={"x-queue-type": "quorum"})
        arguments: FieldTable = {
            "x-queue-type": "quorum",
            "x-delivery-limit": 120,
            "x-dead-letter-exchange": "palique.dead",
            "x-dead-letter-routing-key": f"{queue}.dead",
        }
        await channel.declare_queue(queue, durable=True, arguments=arguments)
    async with running(vhost_url, [consumer, publisher]):
        await publisher.publish(b"x", "test.a")
        await eventually(lambda: taken == [b"x"])


async def test_a_consumer_whose_queue_is_deleted_declares_it_again(vhost_url: str) -> None:
    """The broker ends the consumer and leaves the connection open."""
    taken: list[bytes] = []

    async def handle(_: str, body: bytes) -> None:
        taken.append(body)

    queue, consumer = worker(handle)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [consumer]) as bus, running(vhost_url, [publisher]), channel_to(vhost_url) as channel:
        await channel.queue_delete(queue)
        await eventually(lambda: not bus.connected)
        await eventually(lambda: bus.connected)
        await publisher.publish(b"x", "test.a")
        await eventually(lambda: taken == [b"x"])


async def test_a_channel_that_the_broker_closes_is_opened_again(vhost_url: str) -> None:
    publisher = Publisher(LIVE, confirms=False)
    heard = Heard()
    async with running(vhost_url, [publisher, heard.subscriber]) as bus, channel_to(vhost_url) as channel:
        await channel.exchange_delete(LIVE.name)

        async def ended() -> bool:
            # Publishing to an exchange that is not there closes the channel.
            await asyncio.gather(publisher.publish(b"x"), return_exceptions=True)
            return not bus.connected

        await eventually(ended)
        await eventually(lambda: bus.connected)
        await publisher.publish(b"y")
        await eventually(lambda: heard.events[-1] == ("", b"y"))


async def test_live_queues_end_with_their_connection_and_durable_ones_stay(vhost_url: str) -> None:
    async def handle(_: str, __: bytes) -> None:
        return

    queue, consumer = worker(handle)
    async with running(vhost_url, [Heard().subscriber, consumer]):
        pass
    async with channel_to(vhost_url) as channel:
        await channel.declare_queue(queue, passive=True)
        await channel.declare_exchange(EVENTS.name, EVENTS.kind, passive=True)
        await channel.declare_exchange(DEAD.name, DEAD.kind, passive=True)


async def test_finish_waits_for_running_handlers_and_takes_no_more_facts(vhost_url: str) -> None:
    """A rolling restart: no handler starts that would be cut off; later facts go to other replicas."""
    go_on = asyncio.Event()
    begun: list[bytes] = []
    done: list[bytes] = []

    async def handle(_: str, body: bytes) -> None:
        begun.append(body)
        await go_on.wait()
        done.append(body)

    queue, work = worker(handle)
    publisher = Publisher(EVENTS, confirms=True)
    async with running(vhost_url, [publisher, work]):
        await publisher.publish(b"in hand", "test.a")
        await eventually(lambda: begun == [b"in hand"])
        finishing = asyncio.create_task(work.finish())
        done_early, _ = await asyncio.wait((finishing,), timeout=0.2)
        assert not done_early
        go_on.set()
        await finishing
        await publisher.publish(b"later", "test.a")
        async with channel_to(vhost_url) as channel:
            later = await (await channel.get_queue(queue)).get(timeout=5)
            assert later is not None
            assert (later.body, later.redelivered) == (b"later", False)
            await later.ack()
        assert (begun, done) == ([b"in hand"], [b"in hand"])
