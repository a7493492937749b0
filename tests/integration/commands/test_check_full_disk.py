"""`palique check` where a disk is full: the line names the disk and the fix. Each server is the test's own."""

from pathlib import Path

import pytest
from pymongo import MongoClient

from devstack.rabbitmq import PrivateRabbit
from devstack.shared_backends import shared_mongodb, shared_rabbitmq
from kit.mongo import Document
from tests.support.palique import palique
from tests.support.small_disk import fill, small_disk
from tests.support.stack import NO_ENGINE

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def without_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(*NO_ENGINE)


def checked(**settings: str) -> tuple[int, str]:
    done = palique("check", settings=settings)
    assert "Traceback" not in done.err
    return done.status, done.out.strip()


def test_a_mongodb_whose_disk_fills_is_named_before_it_ends(tmp_path: Path) -> None:
    with small_disk(tmp_path / "mongodb", 1200) as disk, shared_mongodb(None, disk) as mongodb:
        with MongoClient[Document](mongodb.url) as client:
            client.palique_chat.conversations.insert_one({"_id": "one"})
        status, said = checked(PALIQUE_MONGODB_URL=mongodb.url)
        assert (status, "MiB of disk free" in said) == (0, True), said
        filler = fill(disk, left_mib=100)
        status, said = checked(PALIQUE_MONGODB_URL=mongodb.url)
        assert status == 1
        assert said.startswith("FAILED MongoDB")
        assert "MongoDB's disk has " in said
        assert said.endswith(
            " of 1200 MiB free, and needs 500; enlarge it, or remove other files from it, before it is full and MongoDB ends"
        )
        filler.unlink()
        assert checked(PALIQUE_MONGODB_URL=mongodb.url)[0] == 0


def test_a_broker_under_its_disk_alarm_is_named_with_the_command_that_explains_it(tmp_path: Path) -> None:
    with shared_rabbitmq(None, tmp_path) as rabbitmq:
        assert isinstance(rabbitmq.backend, PrivateRabbit)
        assert checked(PALIQUE_AMQP_URL=rabbitmq.url)[0] == 0
        rabbitmq.backend.control("set_disk_free_limit", "1000GB")
        status, said = checked(PALIQUE_AMQP_URL=rabbitmq.url)
        assert status == 1
        assert said.startswith("FAILED RabbitMQ")
        assert (
            "127.0.0.1 of PALIQUE_AMQP_URL takes no messages: its disk is full, or its memory; free space there, "
            in said
        )
        rabbitmq.backend.control("set_disk_free_limit", "1MB")
        assert checked(PALIQUE_AMQP_URL=rabbitmq.url)[0] == 0
