import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import structlog
from prometheus_client import CollectorRegistry

from kit.bus.exchanges import BusDown
from kit.bus.outbox import MAX_POSTED, MIN_AGE_MS, SWEEP_BATCH, Outbox
from tests.support.eventually import eventually


class Record(NamedTuple):
    name: str
    at_ms: int


class World:
    """A database of flagged records and a broker that may be away; `now_ms` is the test's clock."""

    def __init__(self) -> None:
        self.flagged: list[Record] = []
        self.published: list[str] = []
        self.now_ms = 1_000_000
        self.broker = True
        self.database = True
        self.poison: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.registry = CollectorRegistry()
        self.outbox = Outbox[Record](
            publish=self._publish,
            done=self._done,
            pending=self._pending,
            written_ms=lambda record: record.at_ms,
            now=lambda: self.now_ms,
            log=structlog.stdlib.get_logger("test"),
            registry=self.registry,
            sweep_every_s=0.01,
        )

    def write(self, name: str, ago_ms: int = 0) -> Record:
        record = Record(name, self.now_ms - ago_ms)
        self.flagged.append(record)
        return record

    def age_s(self) -> float | None:
        return self.registry.get_sample_value("palique_outbox_age_seconds")

    async def _publish(self, record: Record) -> None:
        await self.gate.wait()
        if not self.broker:
            raise BusDown("away")
        if record.name in self.poison:
            raise ValueError("cannot be encoded")
        self.published.append(record.name)

    async def _done(self, record: Record) -> None:
        if not self.database:
            raise OSError("away")
        self.flagged.remove(record)

    async def _pending(self, before_ms: int, limit: int) -> list[Record]:
        if not self.database:
            raise OSError("away")
        return sorted((record for record in self.flagged if record.at_ms < before_ms), key=lambda one: one.at_ms)[
            :limit
        ]


@asynccontextmanager
async def running(world: World) -> AsyncIterator[None]:
    task = asyncio.create_task(world.outbox.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_posted_record_is_published_at_once_and_its_flag_is_cleared() -> None:
    world = World()
    async with running(world):
        world.outbox.post(world.write("a"))
        await eventually(lambda: world.published == ["a"] and not world.flagged)


async def test_a_broker_that_does_not_answer_delays_no_caller() -> None:
    world = World()
    world.gate.clear()
    async with running(world):
        for n in range(MAX_POSTED + 10):
            world.outbox.post(world.write(str(n)))  # plain calls: they cannot wait
        world.gate.set()
        world.now_ms += MIN_AGE_MS + 1
        await eventually(lambda: not world.flagged)
    assert set(world.published) == {str(n) for n in range(MAX_POSTED + 10)}


async def test_finish_waits_for_posted_records_and_never_for_an_absent_broker() -> None:
    world = World()
    world.gate.clear()
    async with running(world):
        for name in "abc":
            world.outbox.post(world.write(name))
        finishing = asyncio.create_task(world.outbox.finish())
        await asyncio.sleep(0)
        assert not finishing.done()
        world.gate.set()
        await finishing
        assert world.published == ["a", "b", "c"]
        world.broker = False
        world.outbox.post(world.write("d"))
        await world.outbox.finish()
        assert [record.name for record in world.flagged] == ["d"]


async def test_the_sweeper_publishes_a_record_whose_publishing_failed() -> None:
    world = World()
    world.broker = False
    async with running(world):
        world.outbox.post(world.write("a"))
        world.now_ms += 60_000
        await eventually(lambda: world.age_s() == 60)
        world.broker = True
        await eventually(lambda: world.published == ["a"] and not world.flagged)
        await eventually(lambda: world.age_s() == 0)


async def test_records_of_another_process_are_published_oldest_first() -> None:
    world = World()
    for ago_ms, name in ((5000, "b"), (9000, "a"), (3000, "c")):
        world.write(name, ago_ms)
    async with running(world):
        await eventually(lambda: not world.flagged)
    assert world.published == ["a", "b", "c"]


async def test_the_sweeper_skips_a_fresh_flag() -> None:
    world = World()
    world.write("fresh")
    world.write("old", MIN_AGE_MS + 1)
    async with running(world):
        await eventually(lambda: world.published)
    assert world.published == ["old"]


async def test_a_record_that_fails_by_itself_delays_no_other() -> None:
    world = World()
    world.poison.add("bad")
    for name in ("bad", "good"):
        world.write(name, 10_000)
    async with running(world):
        await eventually(lambda: world.published == ["good"])
        world.poison.clear()
        await eventually(lambda: world.published == ["good", "bad"])


async def test_more_records_than_a_sweep_batch_are_published() -> None:
    world = World()
    for n in range(SWEEP_BATCH * 2 + 1):
        world.write(str(n), 10_000 + n)
    async with running(world):
        await eventually(lambda: not world.flagged)


async def test_a_record_whose_flag_cannot_be_cleared_is_published_again() -> None:
    """At least once: published, the flag not cleared, published again."""
    world = World()
    world.database = False
    async with running(world):
        world.outbox.post(world.write("a"))
        await eventually(lambda: world.published == ["a"])
        world.now_ms += MIN_AGE_MS + 1
        world.database = True
        await eventually(lambda: world.published == ["a", "a"] and not world.flagged)
