"""MongoDB and RabbitMQ as containers, where a container engine answers.

Their loopback ports are remembered by the stack, and their data is in volumes named after PALIQUE_HOME.
A second start therefore finds both. The engine restarts a container that dies.
"""

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from devstack import mongodb, rabbitmq
from devstack.failure import StackError
from devstack.folders import Folders
from devstack.ports import Ports
from devstack.program import Program
from devstack.supervision import Running, Supervisor

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

# The versions that production requires; older MongoDB 7 and 8 leak memory to unauthenticated clients (CVE-2025-14847).
MONGODB_IMAGE = os.environ.get("MONGODB_IMAGE", "mongo:8.0.17")
RABBITMQ_IMAGE = os.environ.get("RABBITMQ_IMAGE", "rabbitmq:4.1")
USUAL_HOST = "unix:///var/run/docker.sock"
# A running engine accepts a local connection at once.
ENGINE_S = 3
# A database may need some seconds to close its files.
REMOVE_S = 60


class Container:
    """A Backend that a container engine runs."""

    programs: tuple[Program, ...] = ()

    def __init__(
        self, name: str, volume: str, url: str, container: "DockerContainer", look: Callable[[], bool]
    ) -> None:
        self.name = name
        self.url = url
        self._volume = volume
        self._container = container
        self._look = look

    def launch(self, supervisor: Supervisor) -> None:
        """Nothing to do: it was started before, because only a start shows whether the engine can get the image."""

    def ready(self) -> bool:
        return self._look()

    def pids(self, running: Mapping[str, Running]) -> list[int]:
        """The pid that the engine reports; 0 while the container or the engine is down."""
        import docker  # noqa: PLC0415 - slow to import, see engine_answers

        del running
        try:
            wrapped = self._container.get_wrapped_container()
            wrapped.reload()
        except (docker.errors.DockerException, OSError):
            return [0]
        return [wrapped.attrs["State"]["Pid"]]

    def discard(self) -> None:
        """Removes the volume of a stopped container."""
        import docker  # noqa: PLC0415 - slow to import, see engine_answers

        docker.from_env(timeout=REMOVE_S).volumes.get(self._volume).remove()

    def stop(self) -> None:
        """Stops the server in order, so that it writes its data, then removes the container; the volume stays."""
        self._container.get_wrapped_container().stop(timeout=20)
        self._container.stop(delete_volume=False)


class Broker(Container):
    """RabbitMQ as a container."""

    def control(self, *arguments: str) -> None:
        """Runs rabbitmqctl in the container. StackError with its output when it fails."""
        status, output = self._container.exec(["rabbitmqctl", *arguments])
        if status != 0:
            raise StackError(f"rabbitmqctl {' '.join(arguments)} failed: {output.decode(errors='replace').strip()}")


def engine_answers() -> bool:
    """True when a container engine answers at DOCKER_HOST or at the usual socket."""
    return answers_at(os.environ.get("DOCKER_HOST", USUAL_HOST))


def answers_at(host: str) -> bool:
    """Connects to the socket directly: the import of the engine's client takes half a second."""
    if not host.startswith("unix://"):
        return True  # set on purpose; when no engine answers there, the start reports it
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(ENGINE_S)
        try:
            probe.connect(host.removeprefix("unix://"))
        except OSError:
            return False
    return True


def mongodb_container(folders: Folders, ports: Ports) -> Container:
    """Starts it; the engine's own exception when it cannot."""
    name = _prepare(folders, mongodb.NAME)
    port = ports.port(mongodb.NAME)
    command = ["mongod", *mongodb.mongod_arguments(port), "--bind_ip_all"]
    container = _start(MONGODB_IMAGE, name, port, port, "/data/db", command=command)
    url = mongodb.replica_set_url([port])
    return Container(mongodb.NAME, name, url, container, lambda: mongodb.has_primary([port]))


def rabbitmq_container(folders: Folders, ports: Ports) -> Broker:
    """Starts it; the engine's own exception when it cannot."""
    name = _prepare(folders, rabbitmq.NAME)
    port = ports.port(rabbitmq.NAME)
    # The broker names its data after its host.
    container = _start(RABBITMQ_IMAGE, name, port, 5672, "/var/lib/rabbitmq", hostname="palique")
    url = f"amqp://guest:guest@127.0.0.1:{port}/"
    return Broker(rabbitmq.NAME, name, url, container, lambda: rabbitmq.answers(url))


def _prepare(folders: Folders, name: str) -> str:
    """The name of the container and its volume. Removes a container of that name that a killed stack left running."""
    import docker  # noqa: PLC0415 - slow to import, see engine_answers

    full = f"palique-{folders.key}-{name}"
    with suppress(docker.errors.NotFound):
        docker.from_env(timeout=REMOVE_S).containers.get(full).remove(force=True)
    return full


def _start(
    image: str, name: str, port: int, inside: int, data: str, command: list[str] | None = None, **options: str
) -> "DockerContainer":
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - slow to import, see engine_answers

    container = DockerContainer(image)
    container.with_name(name)
    container.with_volume_mapping(name, data, "rw")
    # with_exposed_ports would open the ports on every address of the machine.
    ports: dict[str, Any] = {f"{inside}/tcp": ("127.0.0.1", port)}
    container.ports = ports
    container.with_kwargs(
        restart_policy={"Name": "always"},
        log_config={"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}},
        **options,
    )
    if command is not None:
        container.with_command(command)
    # As in rabbitmq.py: the broker itself becomes the container's process, without a script around it.
    container.with_env("RUNNING_UNDER_SYSTEMD", "true")
    return container.start()
