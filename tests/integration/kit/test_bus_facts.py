"""Facts on a real broker: handled once by one of the replicas, again after a failure, and never lost."""

import asyncio

import pytest
from pamqp.common import FieldTable

from kit.bus.exchanges import EVENTS
from kit.bus.publisher import Publisher
from tests.integration.kit.broker_clients import channel_to, running, worker
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow


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
    async with running(vhost_url, [publisher]), running(proxy.through(vhost_url), [consumer]):
        await publisher.publish(b"x", "test.a")
        await started.wait()
        proxy.reset()
        await eventually(lambda: attempts == [b"x", b"x"])


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
