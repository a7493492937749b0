"""A replica set of three members, two of which can be made to stand still."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from devstack.folders import Folders
from devstack.mongodb import ALREADY_INITIALIZED, REPLICA_SET, mongod_program
from devstack.ports import Ports
from tests.eventually import eventually_sync


class ThreeMembers:
    """mongods, the first of them primary."""

    def __init__(self, processes: Sequence["subprocess.Popen[bytes]"], hosts: Sequence[str]) -> None:
        self._processes = processes
        self._hosts = hosts
        self.url = f"mongodb://{','.join(hosts)}/?replicaSet={REPLICA_SET}"

    def initiate(self) -> None:
        """Returns when the first takes writes."""
        # The others never stand for election, so the first stays primary until it misses its majority for ten seconds.
        members = [{"_id": n, "host": host, "priority": 1 if n == 0 else 0} for n, host in enumerate(self._hosts)]
        client: MongoClient[dict[str, Any]] = MongoClient(self._hosts[0], directConnection=True)

        def initiated() -> bool:
            try:
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            except OperationFailure as error:
                return error.code == ALREADY_INITIALIZED
            return True

        with client:
            eventually_sync(initiated, seconds=60)
            eventually_sync(lambda: client.admin.command("hello")["isWritablePrimary"], seconds=60)

    def stand_still(self) -> None:
        """No majority any more; the primary does not know yet."""
        for process in self._processes[1:]:
            os.kill(process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        for process in self._processes[1:]:
            os.kill(process.pid, signal.SIGCONT)

    def end(self) -> None:
        # Told nicely, a member without a majority takes its time.
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


@contextmanager
def three_members(folder: Path) -> Iterator[ThreeMembers]:
    """Running while the block does."""
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
        members.initiate()
        yield members
    finally:
        members.end()
