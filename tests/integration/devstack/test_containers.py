"""MongoDB and RabbitMQ as containers, through testcontainers, where an engine answers on DOCKER_HOST or at the usual place (issue 6).

`make containers-test` provides the engine and the images.
"""

import os
from pathlib import Path

import aio_pika
import docker
import pytest
from pymongo import MongoClient

from devstack import containers
from devstack.shared_backends import own_vhost, shared_mongodb, shared_rabbitmq
from kit.mongo import Document

pytestmark = pytest.mark.slow


def demand(image: str) -> None:
    """Skips, loudly, where there is no engine or no such image; under `make containers-test` it fails instead."""
    if missing := _missing(image):
        (pytest.fail if "ENGINE" in os.environ else pytest.skip)(f"NOT TESTED: {missing}")


def _missing(image: str) -> str:
    """What is missing to run this image; empty when nothing is."""
    if not containers.engine_answers():
        return "no container engine answers, so nothing was run through testcontainers"
    client = docker.from_env()
    try:
        client.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            client.images.pull(image)
        except docker.errors.APIError as error:
            return f"the engine has no {image} and cannot get it: {error}"
    finally:
        client.close()
    return ""


def test_mongodb_in_a_container_is_a_replica_set(tmp_path: Path) -> None:
    demand(containers.MONGODB_IMAGE)
    with shared_mongodb(None, tmp_path) as shared, MongoClient[Document](shared.url) as client:
        assert isinstance(shared.backend, containers.Container)
        with client.start_session() as session, session.start_transaction():
            client.palique_test.kept.insert_one({"_id": "a word"}, session=session)
        assert client.palique_test.kept.find_one({"_id": "a word"}) is not None


async def test_rabbitmq_in_a_container_has_virtual_hosts_of_ones_own(tmp_path: Path) -> None:
    demand(containers.RABBITMQ_IMAGE)
    with shared_rabbitmq(None, tmp_path) as shared, own_vhost(shared.backend, "test-own") as url:
        assert isinstance(shared.backend, containers.Container)
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            await channel.declare_queue("here", durable=True, arguments={"x-queue-type": "quorum"})
