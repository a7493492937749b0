"""A broker whose disk is full: publishers fail in time, and the log names the cause and the fix once, and the end of it."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from devstack.rabbitmq import PrivateRabbit
from devstack.shared_backends import shared_rabbitmq
from kit.bus.connection import ALARM
from kit.bus.exchanges import LIVE, BusDown
from kit.bus.publisher import Publisher
from tests.integration.kit.broker_clients import Heard, running
from tests.support.eventually import eventually
from tests.support.stack import NO_ENGINE

pytestmark = pytest.mark.slow


async def test_the_log_names_a_full_disk_and_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(*NO_ENGINE)
    publisher, heard = Publisher(LIVE, confirms=True, timeout_s=1), Heard()
    with shared_rabbitmq(None, tmp_path) as rabbitmq, capture_logs() as lines:
        assert isinstance(rabbitmq.backend, PrivateRabbit)

        def named(event: str) -> int:
            return [line["event"] for line in lines].count(event)

        async with running(rabbitmq.url, [publisher, heard.subscriber]) as bus:
            rabbitmq.backend.control("set_disk_free_limit", "1000GB")

            async def is_refused() -> bool:
                """The broker blocks a sender only when that sends after the alarm began."""
                try:
                    await publisher.publish(b"x")
                except BusDown:
                    return named(f"broker {ALARM}") == 1
                return False

            await eventually(is_refused)
            rabbitmq.backend.control("set_disk_free_limit", "1MB")
            await eventually(lambda: named("broker takes messages again") == 1)
            await publisher.publish(b"after")
            await eventually(lambda: heard.events[-1] == ("", b"after"))
            assert bus.connected
        assert named(f"broker {ALARM}") == 1
