import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import pytest
import structlog
from prometheus_client import CollectorRegistry

from kit.bus import outbox as outbox_module
from kit.bus.exchanges import BusDown
from kit.bus.outbox import LEAVE_MS, SWEEP_LIMIT, Outbox
from tests.support.eventually import eventually

pytestmark = pytest.mark.usefixtures("_quick")


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "SWEEP_EVERY_S", 0.01)


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


async def test_what_is_posted_goes_out_at_once_and_its_flag_is_cleared() -> None:
    world = World()
    async with running(world):
        world.outbox.post(world.write("a"))
        await eventually(lambda: world.published == ["a"] and not world.flagged)


async def test_a_broker_that_does_not_answer_delays_no_caller() -> None:
    world = World()
    world.gate.clear()
    async with running(world):
        for n in range(outbox_module.POSTED_BOUND + 10):
            world.outbox.post(world.write(str(n)))  # plain calls: they cannot wait
        world.gate.set()
        world.now_ms += LEAVE_MS + 1
        await eventually(lambda: not world.flagged)
    assert set(world.published) == {str(n) for n in range(outbox_module.POSTED_BOUND + 10)}


async def test_finishing_waits_for_what_is_posted_and_never_for_an_absent_broker() -> None:
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


async def test_what_could_not_be_published_is_published_by_the_sweeper() -> None:
    world = World()
    world.broker = False
    async with running(world):
        world.outbox.post(world.write("a"))
        world.now_ms += 60_000
        await eventually(lambda: world.age_s() == 60)
        world.broker = True
        await eventually(lambda: world.published == ["a"] and not world.flagged)
        await eventually(lambda: world.age_s() == 0)


async def test_what_another_process_left_is_published_oldest_first() -> None:
    world = World()
    for ago_ms, name in ((5000, "b"), (9000, "a"), (3000, "c")):
        world.write(name, ago_ms)
    async with running(world):
        await eventually(lambda: not world.flagged)
    assert world.published == ["a", "b", "c"]


async def test_a_fresh_flag_is_left_to_its_writer() -> None:
    world = World()
    world.write("fresh")
    world.write("old", LEAVE_MS + 1)
    async with running(world):
        await eventually(lambda: world.published)
    assert world.published == ["old"]


async def test_a_record_that_fails_by_itself_holds_up_no_other() -> None:
    world = World()
    world.poison.add("bad")
    for name in ("bad", "good"):
        world.write(name, 10_000)
    async with running(world):
        await eventually(lambda: world.published == ["good"])
        world.poison.clear()
        await eventually(lambda: world.published == ["good", "bad"])


async def test_more_than_one_pass_can_take_is_drained() -> None:
    world = World()
    for n in range(SWEEP_LIMIT * 2 + 1):
        world.write(str(n), 10_000 + n)
    async with running(world):
        await eventually(lambda: not world.flagged)


async def test_with_the_database_away_it_is_told_again_later() -> None:
    """At least once: published, the flag not cleared, published again."""
    world = World()
    world.database = False
    async with running(world):
        world.outbox.post(world.write("a"))
        await eventually(lambda: world.published == ["a"])
        world.now_ms += LEAVE_MS + 1
        world.database = True
        await eventually(lambda: world.published == ["a", "a"] and not world.flagged)
