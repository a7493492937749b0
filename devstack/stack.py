"""The whole stack: starts the backends, then the services, and keeps run/stack.json current until it is asked to stop.

A start after a crash is an ordinary start. It locks the home and ends the processes of an earlier stack. Then it starts
everything, waits until all is ready, and prints the addresses.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from devstack import services
from devstack.backends import GIVEN_READY_S, Backend, find_mongodb, find_rabbitmq, wait_ready
from devstack.failure import StackError, Stopped
from devstack.folders import ROOT, Folders, require_space, write_whole
from devstack.leftovers import MARK, reap
from devstack.ports import Ports, is_free
from devstack.services import ServiceProcess
from devstack.settings import StackSettings
from devstack.stackfile import StackFile, description, whole
from devstack.stopping import Stopping
from devstack.supervision import Supervisor
from devstack.tokens import stack_tokens
from devstack.waiting import PAUSE_S, wait_until

# Two seconds are usual; a loaded machine takes longer.
SERVICE_READY_S = 60
SEED_S = 120
PROBE_S = 1.5
# The longest delay of run/stack.json after a restart of a process.
WATCH_S = 0.5


@dataclass(frozen=True)
class Parts:
    """The modules of the services and of the demo data, and the time limit of a given server; tests of the stack itself pass smaller ones."""

    modules: Mapping[str, str]
    seed: str | None
    given_ready_s: float = GIVEN_READY_S


PRODUCT = Parts(services.MODULES, services.SEED_MODULE)


class Stack:
    """One run of the stack of one home."""

    def __init__(self, settings: StackSettings, parts: Parts, stopping: Stopping) -> None:
        self._settings = settings
        self._parts = parts
        self._stopping = stopping
        require_space(settings.home)
        self._folders = Folders(settings.home)
        self.file = StackFile(self._folders.run / "stack.json")
        self.integration_token = self._folders.run / "integration.token"

    def run(self) -> None:
        """Returns after a request to stop, when no process runs any more. StackError when it cannot start or continue."""
        with _exclusive(self._folders):
            self.file.remove()
            left = reap(self._folders.home)
            if left:
                _announce(f"ended {left} processes that an earlier stack had left")
            if not is_free(self._settings.port):
                raise StackError(f"Port {self._settings.port} is in use; set PALIQUE_PORT to another one.")
            with self._backends() as (mongodb, rabbitmq, ports):
                self._with_services(mongodb, rabbitmq, ports)

    @contextmanager
    def _backends(self) -> Iterator[tuple[Backend, Backend, Ports]]:
        ports = Ports(self._folders.state / "ports.json")
        found: list[Backend] = []
        try:
            found.append(find_mongodb(self._settings.mongodb_url, self._folders, ports, self._settings.mongodb_members))
            found.append(find_rabbitmq(self._settings.amqp_url, self._folders, ports))
            yield found[0], found[1], ports
        finally:
            for backend in reversed(found):
                backend.stop()

    def _with_services(self, mongodb: Backend, rabbitmq: Backend, ports: Ports) -> None:
        tokens = stack_tokens(self._folders.state / "tokens.json", services.CALLERS)
        write_whole(self.integration_token, tokens[services.INTEGRATION] + "\n", mode=0o600)
        processes = services.service_processes(self._settings, mongodb.url, rabbitmq.url, tokens, ports.port)
        programs = [process.program(self._parts.modules[process.service]) for process in processes]
        supervisor = Supervisor(self._folders, [*mongodb.programs, *rabbitmq.programs, *programs])
        try:
            supervisor.start(self._stopping)
            self._start(supervisor, mongodb, rabbitmq, processes)
            self._watch(supervisor, mongodb, rabbitmq, processes)
        except Stopped:
            pass
        finally:
            self.file.remove()
            _announce("stopping …")
            supervisor.stop()

    def _start(
        self, supervisor: Supervisor, mongodb: Backend, rabbitmq: Backend, processes: list[ServiceProcess]
    ) -> None:
        """Starts everything. Services do not wait for the broker, which starts slowest: they work without it anyway."""
        _announce("starting MongoDB and RabbitMQ …")
        for backend in (mongodb, rabbitmq):
            backend.launch(supervisor)
        wait_ready(mongodb, supervisor, self._stopping, self._parts.given_ready_s)
        _announce("starting the services …")
        for process in processes:
            if process.public is None:
                supervisor.start_program(process.name)
        gateways = [process for process in processes if process.public is not None]
        self._seed(gateways[0])
        for process in gateways:
            supervisor.start_program(process.name)
        wait_ready(rabbitmq, supervisor, self._stopping, self._parts.given_ready_s)
        for process in processes:
            self._wait_ready(supervisor, process)

    def _wait_ready(self, supervisor: Supervisor, process: ServiceProcess) -> None:
        name = process.name
        if wait_until(lambda: is_ready(process.ops) or supervisor.ended(name), SERVICE_READY_S, self._stopping):
            if not supervisor.ended(name):
                return
            raise supervisor.failure(process.name, f"{process.name} ended while it was starting.")
        missing = readiness(process.ops)
        raise supervisor.failure(
            process.name, f"{process.name} did not become ready in {SERVICE_READY_S} s: {missing}."
        )

    def _seed(self, gateway: ServiceProcess) -> None:
        """Creates the demo site and its accounts; idempotent."""
        if self._parts.seed is None or not self._settings.demo:
            return
        log = self._folders.log("seed")
        env = {**os.environ, **gateway.env, MARK: str(self._folders.home)}
        with log.open("wb") as output:
            seeding = subprocess.Popen(
                [sys.executable, "-m", self._parts.seed],
                env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            if not wait_until(lambda: seeding.poll() is not None, SEED_S, self._stopping):
                raise StackError(f"The demo site could not be seeded in {SEED_S} s.", log)
        finally:
            seeding.kill()
            seeding.wait()
        if seeding.returncode != 0:
            raise StackError("The demo site could not be seeded.", log)

    def _watch(
        self, supervisor: Supervisor, mongodb: Backend, rabbitmq: Backend, processes: list[ServiceProcess]
    ) -> None:
        """Keeps run/stack.json current until the request to stop. StackError when supervisord itself has ended."""
        announced = False
        while not self._stopping.is_set():
            if not supervisor.alive():
                raise StackError("supervisord ended unexpectedly.", self._folders.log("supervisord"))
            # supervisord may be slow to answer; the next iteration asks again.
            with suppress(StackError):
                described = description(mongodb, rabbitmq, processes, supervisor.running())
                if whole(described):
                    self.file.write(described)
                    if not announced:
                        self._welcome(described["public"])
                    announced = True
            self._stopping.wait(WATCH_S if announced else PAUSE_S)

    def _welcome(self, public: str) -> None:
        entrance = _demo(public) if self._settings.demo else _own_site(public, self._folders.log("gateway-1"))
        _announce(
            f"""
Palique runs.

{entrance}

  What runs where          {self.file.path}
  Logs                     {self._folders.logs}
  A token for gRPC         {self.integration_token}

Ctrl-C stops everything; the data stays in {self._folders.home}."""
        )


def is_ready(ops: str) -> bool:
    """True when the process at this operations address is ready and misses no optional backend either."""
    return readiness(ops) == ""


def readiness(ops: str) -> str:
    """Empty when nothing is missing; else the body of /readyz, or why there is no answer.

    A service is ready without a broker, so status 200 alone does not mean that the whole stack is ready.
    """
    connection = HTTPConnection(ops, timeout=PROBE_S)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read().decode(errors="replace").strip()
        return "" if response.status == HTTPStatus.OK and not json.loads(body)["missing"] else body
    except (OSError, HTTPException, ValueError, KeyError) as error:
        return f"no answer on {ops} ({error})"
    finally:
        connection.close()


def _demo(public: str) -> str:
    return f"""\
  A shop with the widget   {public}/demo
  The agents' dashboard    {public}/dashboard/
  Sign in as               agent@palique.test, agent2@palique.test (agents) or admin@palique.test (administrator)
  Password                 palique-demo"""


def _own_site(public: str, log: Path) -> str:
    return f"""\
  The dashboard            {public}/dashboard/
  A code for its set-up    after "set-up code created" in {log}"""


@contextmanager
def _exclusive(folders: Folders) -> Iterator[None]:
    """Locks the home: two stacks would share its ports and data. The system releases the lock when the process ends."""
    with (folders.run / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"A stack already runs in {folders.home}; set PALIQUE_HOME and PALIQUE_PORT for a second one."
            ) from None
        yield


def _announce(sentence: str) -> None:
    print(sentence, flush=True)
