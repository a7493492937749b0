"""A replica set of three members, two of which can be paused."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from devstack.folders import Folders
from devstack.mongodb import ALREADY_INITIALIZED, REPLICA_SET, mongod_program
from devstack.ports import Ports
from kit.mongo import Document
from tests.support.eventually import eventually_sync
from tests.support.pause import pause, resume


class ThreeMembers:
    """Three mongod processes; the first is primary."""

    def __init__(self, processes: Sequence["subprocess.Popen[bytes]"], hosts: Sequence[str]) -> None:
        self._processes = processes
        self._hosts = hosts
        self.url = f"mongodb://{','.join(hosts)}/?replicaSet={REPLICA_SET}"

    def initiate(self, *, electable: bool) -> None:
        """Returns when the first member accepts writes."""
        # If the others are not electable, the first stays primary until it misses its majority for ten seconds.
        priorities = [2, 1, 1] if electable else [1, 0, 0]
        # A test that waits for the election would wait for MongoDB's default of ten seconds.
        patience_ms = 2000 if electable else 10_000
        members = [{"_id": n, "host": host, "priority": priorities[n]} for n, host in enumerate(self._hosts)]
        client: MongoClient[Document] = MongoClient(self._hosts[0], directConnection=True)

        def initiated() -> bool:
            try:
                client.admin.command(
                    "replSetInitiate",
                    {"_id": REPLICA_SET, "members": members, "settings": {"electionTimeoutMillis": patience_ms}},
                )
            except OperationFailure as error:
                return error.code == ALREADY_INITIALIZED
            return True

        with client:
            eventually_sync(initiated, seconds=60)
            eventually_sync(lambda: client.admin.command("hello")["isWritablePrimary"], seconds=60)

    def kill_primary(self) -> None:
        """The others elect one of themselves."""
        with MongoClient[Document](self.url) as client:
            primary = str(client.admin.command("hello")["primary"])
        process = self._processes[self._hosts.index(primary)]
        process.kill()
        process.wait()

    def pause_secondaries(self) -> None:
        """Leaves the primary without a majority; it does not know yet."""
        for process in self._processes[1:]:
            pause(process.pid)

    def resume_secondaries(self) -> None:
        for process in self._processes[1:]:
            resume(process.pid)

    def end(self) -> None:
        # A member without a majority is slow to stop on SIGTERM.
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


@contextmanager
def three_members(folder: Path, *, electable: bool = False) -> Iterator[ThreeMembers]:
    """Runs for the block; with `electable` the others may become primary."""
    programs, hosts = [], []
    for number in range(3):
        home = folder / str(number)
        home.mkdir()
        ports = Ports(home / "ports.json")
        programs.append(mongod_program(Folders(home), ports))
        hosts.append(f"127.0.0.1:{ports.port('mongodb')}")
    processes = [subprocess.Popen(program.argv, stdout=subprocess.DEVNULL) for program in programs]
    members = ThreeMembers(processes, hosts)
    try:
        members.initiate(electable=electable)
        yield members
    finally:
        members.end()
