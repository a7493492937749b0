"""The bus on a real broker, through connections that are cut."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from devstack.rabbitmq import PrivateRabbit
from devstack.shared_backends import shared_rabbitmq
from kit.bus.connection import RECONNECT_MAX_S, BrokerConnection, connections_gauge
from kit.bus.exchanges import DEAD, EVENTS, LIVE, PRESENCE, BusDown
from kit.bus.publisher import Publisher
from tests.integration.kit.broker_clients import LOG, Heard, channel_to, running, worker
from tests.support.eventually import eventually
from tests.support.proxy import Proxy
from tests.support.stack import NO_ENGINE

pytestmark = pytest.mark.slow


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
    async with running(proxy.through(vhost_url), [heard.subscriber, publisher]) as bus:
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

    async def refuse(*_: object, **__: object) -> None:
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
    async with running(proxy.through(vhost_url), [publisher]) as bus:
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
    async with running(proxy.through(vhost_url), [publisher]):
        proxy.black_hole()
        for _ in range(30):  # more than the library's own buffers take
            with pytest.raises(BusDown):
                await asyncio.wait_for(publisher.publish(b"x" * 100_000, "test.a"), 5)


async def test_a_black_hole_is_found_by_heartbeats(vhost_url: str, proxy: Proxy) -> None:
    """Requirement I-4: a connection without answers ends."""
    heard = Heard()
    async with running(proxy.through(vhost_url), [heard.subscriber], heartbeat_s=1) as bus:
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
