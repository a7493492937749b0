"""Facts whose handler fails on a real broker: retried for a bounded time, then in the dead letters."""

import asyncio
from time import monotonic

import aio_pika
import pytest

from kit.bus.exchanges import EVENTS
from kit.bus.publisher import Publisher
from kit.bus.work_queue import PREFETCH, RETRIED_MS
from tests.integration.kit.broker_clients import channel_to, dead_letter, running, worker
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


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
