"""The service `setup` of deploy/compose, on a MongoDB that starts with a key file and without a replica set (issue 13)."""

import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.compose.database_users import Unable, prepare
from deploy.compose.installation import SERVICES, write_secrets
from devstack.mongodb import REPLICA_SET, mongod_path
from kit.mongo import Document
from tests.support.claimed_ports import claimed_ports

USERS = sorted(f"palique-{service}" for service in SERVICES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets of an installation."""
    found = tmp_path_factory.mktemp("compose") / "secrets"
    write_secrets(found)
    return found


@pytest.fixture(scope="module")
def host(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a new server that knows the key of the secrets."""
    place = tmp_path_factory.mktemp("mongod")
    port = claimed_ports(place / "ports.json").port("mongodb")
    key = place / "key"
    key.write_text((folder / "mongodb-key").read_text())
    key.chmod(0o400)
    (place / "data").mkdir()
    with (place / "mongod.log").open("wb") as log:
        process = subprocess.Popen(
            [mongod_path(), "--dbpath", place / "data", "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket",
             "--replSet", REPLICA_SET, "--keyFile", key, "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def url(folder: Path, host: str, service: str) -> str:
    """The URL of a service, at this server."""
    return (folder / f"{service}-mongodb-url").read_text().replace("mongodb:27017", host)


def test_it_makes_the_replica_set_and_users_that_reach_their_own_database_only(host: str, folder: Path) -> None:
    assert sorted(prepare(host, folder)) == USERS
    for service in SERVICES:
        with MongoClient[Document](url(folder, host, service)) as client:
            client[f"palique_{service}"].rights.insert_one({})
            other = next(one for one in SERVICES if one != service)
            for forbidden in (f"palique_{other}", "admin"):
                with pytest.raises(PyMongoError, match="not authorized"):
                    client[forbidden].rights.insert_one({})


def test_a_repeat_gives_the_users_the_passwords_of_the_secrets(host: str, folder: Path, tmp_path: Path) -> None:
    """As after a restore on a host with other secrets: the key is that of the running server, the passwords are new."""
    prepare(host, folder)
    other = tmp_path / "secrets"
    write_secrets(other)
    (other / "mongodb-key").chmod(0o600)
    (other / "mongodb-key").write_text((folder / "mongodb-key").read_text())
    assert sorted(prepare(host, other)) == USERS
    with MongoClient[Document](url(other, host, "chat")) as client:
        client.palique_chat.rights.insert_one({})
    with (
        MongoClient[Document](url(folder, host, "chat")) as client,
        pytest.raises(OperationFailure, match="Authentication failed"),
    ):
        client.palique_chat.rights.insert_one({})
    prepare(host, folder)


def test_a_wrong_key_or_an_absent_server_is_a_sentence(host: str, folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "mongodb-key").write_text(secrets.token_hex(32))
    with pytest.raises(Unable, match=f"MongoDB at {host} runs with another key"):
        prepare(host, tmp_path)
    with pytest.raises(Unable, match=r"MongoDB at 127.0.0.1:1 did not become primary: .*refused"):
        prepare("127.0.0.1:1", folder, patience_s=1)


def test_no_password_is_in_a_sentence(host: str, folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "chat-mongodb-url").write_text("mongodb://a:kX9vQpW2@mongodb:27017/" + "x" * 80)
    with pytest.raises(Unable) as refused:
        prepare(host, tmp_path)
    assert "kX9vQpW2" not in str(refused.value)
    assert str(urlsplit(url(folder, host, "chat")).password) not in str(refused.value)
