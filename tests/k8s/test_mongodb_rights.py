"""Users of the services with the rights of the manifests, in a MongoDB with authentication."""

import secrets
import subprocess
from collections.abc import Iterator

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from devstack.mongodb import REPLICA_SET, mongod_arguments, mongod_path
from devstack.ports import Ports
from devstack.settings import SERVICES
from kit.mongo import Document
from tests.k8s.rendered import of_kind
from tests.support.eventually import eventually_sync
from tests.support.palique import palique

READY_S = 60
WORD = "kX9vQpW2"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a replica set with one member and the users of the manifests."""
    folder = tmp_path_factory.mktemp("guarded")
    port = Ports(folder / "ports.json").port("mongodb")
    key = folder / "key"
    key.write_text(secrets.token_hex(64))
    key.chmod(0o400)
    (folder / "data").mkdir()
    with (folder / "mongod.log").open("wb") as log:
        process = subprocess.Popen(
            [mongod_path(), "--dbpath", folder / "data", *mongod_arguments(port), "--bind_ip", "127.0.0.1",
             "--nounixsocket", "--keyFile", key],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _make_users(port)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _make_users(port: int) -> None:
    """Creates the users by MongoDB's localhost exception, which needs no sign-in until the first user exists."""
    (manifest,) = of_kind("local", "MongoDBCommunity")
    with MongoClient[Document]("127.0.0.1", port, directConnection=True) as client:

        def initiated() -> bool:
            try:
                host = {"_id": 0, "host": f"127.0.0.1:{port}"}
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [host]})
            except PyMongoError:
                return False
            return True

        eventually_sync(initiated, READY_S)
        eventually_sync(lambda: client.admin.command("hello")["isWritablePrimary"], READY_S)
        client.admin.command("createUser", "root", pwd=WORD, roles=["root"])
    with MongoClient[Document](f"mongodb://root:{WORD}@127.0.0.1:{port}/?directConnection=true") as client:
        for user in manifest["spec"]["users"]:
            # The operator's key `name` is MongoDB's `role`.
            roles = [{"role": role["name"], "db": role["db"]} for role in user["roles"]]
            client[user["db"]].command("createUser", user["name"], pwd=WORD, roles=roles)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_prepares_its_own_database_and_touches_no_other(guarded: str, service: str) -> None:
    """Issue 6: least rights. It has indexes, reads and writes of its own database, and cannot even list other databases."""
    own = f"palique_{service}"
    url = f"mongodb://palique-{service}:{WORD}@{guarded}/{own}?replicaSet={REPLICA_SET}"
    settings = {"PALIQUE_MODE": "production", "PALIQUE_PRIVATE_NETWORK": "true", "PALIQUE_MONGODB_URL": url}
    made = palique("migrate", service, settings=settings)
    assert made.status == 0, made
    assert "new: " in made.out
    other = next(one for one in SERVICES if one != service)
    refused = palique("migrate", other, settings=settings)
    assert (refused.status, "not authorized" in refused.err) == (1, True), refused
    with MongoClient[Document](url) as client:
        client[own].rights.insert_one({"_id": 1})
        for database in (f"palique_{other}", "admin"):
            with pytest.raises(PyMongoError, match="not authorized"):
                client[database].rights.insert_one({"_id": 1})
