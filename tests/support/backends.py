"""MongoDB and RabbitMQ, one of each for all test processes of a run.

With xdist the controller starts both in the background and names their folder to its workers, which attach. Each test has databases and
each module a virtual host of its own. A URL in the environment and a container engine keep each worker on its own.
"""

import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack import containers
from devstack.backends import find_mongodb, find_rabbitmq
from devstack.failure import StackError, explain
from devstack.rabbitmq import PrivateRabbit, vhost_url
from devstack.shared_backends import AttachedBackend, SharedBackend, own_vhost, shared_mongodb, shared_rabbitmq
from tests.support.eventually import eventually_sync

AnyBackend = SharedBackend | AttachedBackend
# RabbitMQ takes 8 s on a calm machine.
START_S = 120
# One rabbitmqctl costs a second, so virtual hosts are made many at a time: more than the modules that take one.
VHOSTS = 90
# The commands add_vhost and set_permissions, as rabbitmqctl runs them.
MAKE_VHOST = """
    rabbit_vhost:add(<<"{name}">>, <<"tests">>),
    rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"tests">>)"""


class BackendsOfARun:
    """The controller's side: both servers below `home`, started in threads."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="palique-tests-"))
        self._stops: list[threading.Event] = []
        self._threads: list[threading.Thread] = []
        if "PALIQUE_MONGODB_URL" not in os.environ:
            self._begin(self.home / "mongodb", lambda folder: SharedBackend(find_mongodb, None, folder))
        if "PALIQUE_AMQP_URL" not in os.environ:
            self._begin(self.home / "rabbitmq", _rabbitmq_with_vhosts)

    @staticmethod
    def possible() -> bool:
        """False where a container would be started: only the process that started a container can control it."""
        return not containers.engine_answers()

    def stop(self) -> None:
        for stop in self._stops:
            stop.set()
        for thread in self._threads:
            thread.join()
        shutil.rmtree(self.home, ignore_errors=True)

    def _begin(self, home: Path, start: Callable[[Path], SharedBackend]) -> None:
        stop = threading.Event()

        def run() -> None:
            home.mkdir()
            try:
                shared = start(home)
            except StackError as error:
                _report(home, explain(error))
                return
            _report(home, "")
            stop.wait()
            shared.stop()

        self._stops.append(stop)
        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()


@contextmanager
def session_mongodb(home: Path | None, own: Path) -> Iterator[AnyBackend]:
    """The server below `home`; without one, a server for this process below `own`, or that of PALIQUE_MONGODB_URL."""
    url = os.environ.get("PALIQUE_MONGODB_URL")
    if home is not None and url is None:
        yield AttachedBackend(find_mongodb, _started(home / "mongodb"))
        return
    with shared_mongodb(url, own) as shared:
        yield shared


@contextmanager
def session_rabbitmq(home: Path | None, own: Path) -> Iterator[AnyBackend]:
    """The same for the broker."""
    url = os.environ.get("PALIQUE_AMQP_URL")
    if home is not None and url is None:
        yield AttachedBackend(find_rabbitmq, _started(home / "rabbitmq"))
        return
    with shared_rabbitmq(url, own) as shared:
        yield shared


@contextmanager
def module_vhost(broker: AnyBackend) -> Iterator[str]:
    """The URL of a virtual host that no other module uses."""
    name = _take_vhost(broker.home)
    if name is not None:
        yield vhost_url(broker.url, name)
        return
    with own_vhost(broker.backend, f"test-{uuid.uuid4().hex[:12]}") as url:
        yield url


def make_vhosts(broker: PrivateRabbit, names: list[str]) -> None:
    """Makes them with one call of rabbitmqctl, with all rights for `guest`."""
    broker.control("eval", ",".join(MAKE_VHOST.format(name=name) for name in names) + ".")


def _rabbitmq_with_vhosts(home: Path) -> SharedBackend:
    shared = SharedBackend(find_rabbitmq, None, home)
    if isinstance(shared.backend, PrivateRabbit):
        names = [f"test-{number}" for number in range(VHOSTS)]
        make_vhosts(shared.backend, names)
        _free_vhosts(home).mkdir()
        for name in names:
            (_free_vhosts(home) / name).touch()
    return shared


def _take_vhost(home: Path) -> str | None:
    """None when there is no free one. Workers may take at the same time: a file is removed once only."""
    folder = _free_vhosts(home)
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        return path.name
    return None


def _free_vhosts(home: Path) -> Path:
    return home / "free-vhosts"


def _report(home: Path, failure: str) -> None:
    """Read by the workers: an empty file means that the server is ready."""
    partial = home / "started.partial"
    partial.write_text(failure)
    partial.rename(home / "started")


def _started(home: Path) -> Path:
    eventually_sync((home / "started").exists, START_S)
    failure = (home / "started").read_text()
    assert not failure, failure
    return home
