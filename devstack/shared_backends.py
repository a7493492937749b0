"""MongoDB and RabbitMQ for a test session, found in the same way as for the stack.

One process starts a server; the other processes of the session attach to it by its folder.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from devstack.backends import Backend, find_mongodb, find_rabbitmq, wait_ready
from devstack.containers import Broker, Container
from devstack.folders import Folders
from devstack.leftovers import leftovers
from devstack.ports import Ports, RememberedPorts
from devstack.rabbitmq import PrivateRabbit, vhost_url
from devstack.stopping import Stopping
from devstack.supervision import Supervisor

Find = Callable[[str | None, Folders, Ports], Backend]


class SharedBackend:
    """MongoDB or RabbitMQ with its own folder and supervisor, which restarts it on the same port and data."""

    def __init__(self, find: Find, url: str | None, home: Path) -> None:
        """Starts it: about 1 s for MongoDB, 5 to 10 s for RabbitMQ. StackError when that is impossible."""
        folders = Folders(home)
        self.home = home
        never = Stopping()
        self.backend = find(url, folders, Ports(folders.state / "ports.json"))
        self._supervisor = Supervisor(folders, self.backend.programs)
        try:
            self._supervisor.start(never)
            self.backend.launch(self._supervisor)
            wait_ready(self.backend, self._supervisor, never)
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return self.backend.url

    def processes(self) -> list[psutil.Process]:
        """Its processes on this machine; none when it runs as a container or elsewhere."""
        return leftovers(self.home) if self.backend.programs else []

    def stop(self) -> None:
        self._supervisor.stop()
        self.backend.stop()
        if isinstance(self.backend, Container):
            self.backend.discard()


@contextmanager
def shared_mongodb(url: str | None, home: Path) -> Iterator[SharedBackend]:
    """MongoDB while the block runs."""
    shared = SharedBackend(find_mongodb, url, home)
    try:
        yield shared
    finally:
        shared.stop()


@contextmanager
def shared_rabbitmq(url: str | None, home: Path) -> Iterator[SharedBackend]:
    """RabbitMQ while the block runs."""
    shared = SharedBackend(find_rabbitmq, url, home)
    try:
        yield shared
    finally:
        shared.stop()


class AttachedBackend:
    """A server that another process of this machine started in `home` and will stop."""

    def __init__(self, find: Find, home: Path) -> None:
        folders = Folders(home)
        self.home = home
        self.backend = find(None, folders, RememberedPorts(folders.state / "ports.json"))

    @property
    def url(self) -> str:
        return self.backend.url

    def processes(self) -> list[psutil.Process]:
        """All of its processes."""
        return leftovers(self.home)


@contextmanager
def own_vhost(broker: Backend, name: str) -> Iterator[str]:
    """The URL of a new virtual host, deleted after the block. For a broker with a given URL it is that URL."""
    if not isinstance(broker, PrivateRabbit | Broker):
        yield broker.url
        return
    broker.control("add_vhost", name)
    broker.control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    try:
        yield vhost_url(broker.url, name)
    finally:
        broker.control("delete_vhost", name)
