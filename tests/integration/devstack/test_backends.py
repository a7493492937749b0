"""The private servers that a stack and the tests find on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import aio_pika
import psutil
import pytest
from pymongo import MongoClient

from devstack.backends import Given
from devstack.ports import Ports
from devstack.shared_backends import own_vhost, shared_mongodb
from kit.mongo import Document
from tests.support.backends import AnyBackend
from tests.support.stack import NO_ENGINE

pytestmark = pytest.mark.slow


@contextmanager
def another_program(port: int) -> Iterator[None]:
    """Listens on the port and closes each connection at once."""

    class Other(BaseRequestHandler):
        pass

    with ThreadingTCPServer(("127.0.0.1", port), Other) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_mongodb_keeps_its_data_when_another_program_took_its_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*NO_ENGINE)
    with shared_mongodb(None, tmp_path) as shared, MongoClient[Document](shared.url) as client:
        client.palique_test.kept.insert_one({"_id": "a word"})
    port = Ports(tmp_path / "state" / "ports.json").port("mongodb")
    with (
        another_program(port),
        shared_mongodb(None, tmp_path) as moved,
        MongoClient[Document](moved.url) as client,
    ):
        assert str(port) not in moved.url
        assert client.palique_test.kept.find_one({"_id": "a word"}) is not None
        client.palique_test.kept.insert_one({"_id": "another"})


@pytest.mark.parametrize("name", ["mongodb", "rabbitmq"])
def test_private_servers_listen_on_loopback_only(name: str, request: pytest.FixtureRequest) -> None:
    """The port that Erlang nodes talk over, and epmd's, included."""
    shared: AnyBackend = request.getfixturevalue(name)
    processes = shared.processes()
    if not processes:
        pytest.skip("not a program of this machine")
    found = [
        c.laddr.ip for process in processes for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN
    ]
    assert found
    assert set(found) <= {"127.0.0.1", "::1"}


async def test_a_virtual_host_of_ones_own_is_empty_and_goes_away(rabbitmq: AnyBackend) -> None:
    if isinstance(rabbitmq.backend, Given):
        pytest.skip("a broker that was given as a URL stays as it is")
    with own_vhost(rabbitmq.backend, "test-own") as url:
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            await channel.declare_queue("here", durable=True)
        async with await aio_pika.connect(rabbitmq.url) as connection:
            channel = await connection.channel()
            with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
                await channel.declare_queue("here", passive=True)
    with pytest.raises(aio_pika.exceptions.AMQPError):
        await aio_pika.connect(url)
