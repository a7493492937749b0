"""Finds MongoDB and RabbitMQ: a given URL, else a container, else programs of this machine. Never a substitute.

`make run` and the tests use the same code.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from devstack import containers, mongodb, rabbitmq
from devstack.failure import StackError
from devstack.folders import Folders
from devstack.ports import Ports
from devstack.program import Program
from devstack.stopping import Stopping
from devstack.supervision import Running, Supervisor
from devstack.waiting import wait_until

# 5 s is usual; a broker with much data on a loaded machine takes longer.
READY_S = 90
# A server behind a given URL should run already; this is long enough for an election of a replica set.
GIVEN_READY_S = 8


class Backend(Protocol):
    """One server. `programs` are the programs that the stack's supervisor runs for it."""

    name: str
    url: str
    programs: tuple[Program, ...]

    def launch(self, supervisor: Supervisor) -> None:
        """Starts it without waiting."""

    def ready(self) -> bool:
        """True when it answers. One attempt of at most about a second."""

    def pids(self, running: Mapping[str, Running]) -> list[int]:
        """The pids of its processes on this machine; 0 for a process that is down."""

    def stop(self) -> None:
        """Stops what the supervisor does not stop."""


class Given:
    """A Backend behind a given URL, outside of this stack. A malformed URL raises StackError before anything starts."""

    programs: tuple[Program, ...] = ()

    def __init__(self, name: str, url: str, look: Callable[[str], bool]) -> None:
        self.name = name
        self.url = url
        self._look = look
        look(url)

    def launch(self, supervisor: Supervisor) -> None:
        pass

    def ready(self) -> bool:
        return self._look(self.url)

    def pids(self, running: Mapping[str, Running]) -> list[int]:
        del running
        return []

    def stop(self) -> None:
        pass


def find_mongodb(url: str | None, folders: Folders, ports: Ports, members: int = 1) -> Backend:
    """StackError, with a remedy, when there is none to use. More than one member always runs as programs of this machine."""
    if url is not None:
        return Given(mongodb.NAME, url, mongodb.answers)
    if members > 1:
        return mongodb.PrivateMongo(folders, ports, members)
    return _container(containers.mongodb_container, folders, ports) or mongodb.PrivateMongo(folders, ports)


def find_rabbitmq(url: str | None, folders: Folders, ports: Ports) -> Backend:
    """StackError, with a remedy, when there is none to use."""
    if url is not None:
        return Given(rabbitmq.NAME, url, rabbitmq.answers)
    return _container(containers.rabbitmq_container, folders, ports) or rabbitmq.PrivateRabbit(folders, ports)


def wait_ready(
    backend: Backend, supervisor: Supervisor, stopping: Stopping, given_ready_s: float = GIVEN_READY_S
) -> None:
    """Waits until the server is ready. StackError with the end of its log when it ends or the time is over."""
    given = isinstance(backend, Given)
    if wait_until(
        lambda: backend.ready() or _ended(backend, supervisor), given_ready_s if given else READY_S, stopping
    ):
        if not _ended(backend, supervisor):
            return
        raise supervisor.failure(backend.name, f"{backend.name} ended while it was starting.")
    if given:
        variable = "PALIQUE_MONGODB_URL" if backend.name == mongodb.NAME else "PALIQUE_AMQP_URL"
        raise StackError(f"{variable} is set, but no usable server answers there.")
    raise supervisor.failure(backend.name, f"{backend.name} did not become ready in {READY_S} s.")


def _ended(backend: Backend, supervisor: Supervisor) -> bool:
    return any(supervisor.ended(program.name) for program in backend.programs)


def _container(
    start: Callable[[Folders, Ports], containers.Container], folders: Folders, ports: Ports
) -> containers.Container | None:
    if not containers.engine_answers():
        return None
    try:
        return start(folders, ports)
    except Exception as error:  # noqa: BLE001 - engines and their client fail in too many ways to list
        print(f"the container engine could not start it ({error}); using a program of this machine", flush=True)
        return None
