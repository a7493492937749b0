"""An installation by deploy/compose in a folder of its own, run by a real compose program on the engine of `make compose-test`."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil

from devstack.folders import ROOT
from devstack.ports import Ports
from tests.support.eventually import eventually_sync

SOURCE = ROOT / "deploy/compose"
# What the containers of the last run wrote.
LOGS = ROOT / "build/compose-test.log"
SERVICES = ("caddy", "gateway", "presence", "chat", "tickets", "mongodb", "rabbitmq")
SITE, AGENT, PASSWORD = "shop", "ana@shop.example", "correct horse battery"
READY_S = 180
COMMAND_S = 400
# Networks without a way out resolve no names in podman 4, and the ledger reads the database from outside. With podman's own option and
# without a range, which podman does not report, docker-compose finds the network unchanged at a second start.
OVERRIDE = """\
networks:
  edge: {{ipam: {{config: [{{subnet: 172.30.86.0/28}}], options: {{driver: host-local}}}}}}
  inside: {{internal: false}}
services:
  # The visitors of the load start more chats than people do.
  chat:
    environment:
      PALIQUE_VISITOR_CHATS: "100000"
  mongodb:
    ports: ["127.0.0.1:{port}:27017"]
"""


def compose_program() -> str:
    """`docker compose`, or the older program docker-compose, which speaks to podman too."""
    found = subprocess.run(["docker", "compose", "version"], check=False, capture_output=True)
    return "docker-compose" if found.returncode else "docker compose"


class OneHost:
    """The commands of an operator in the folder of the installation."""

    def __init__(self, engine: str, folder: Path, project: str, mongodb_port: int) -> None:
        self.folder = folder
        self._mongodb_port = mongodb_port
        self._engine = engine
        self._compose = compose_program()
        # The images of the engine, by MONGODB_IMAGE and so on, are in the environment already.
        self.env: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PALIQUE_", "PYTHON"))},
            "COMPOSE": self._compose,
            "COMPOSE_PROJECT_NAME": project,
            "COMPOSE_INTERACTIVE_NO_CLI": "0" if shutil.which("docker") else "1",
        }

    def run(self, *arguments: str, stdin: str = "") -> str:
        """A command in the folder; AssertionError with its output when it fails. Returns standard output."""
        done = subprocess.run(
            arguments, cwd=self.folder, env=self.env, input=stdin, capture_output=True, text=True, check=False, timeout=COMMAND_S
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done.stdout

    def compose(self, *arguments: str, stdin: str = "") -> str:
        return self.run(*self._compose.split(), *arguments, stdin=stdin)

    def palique(self, *arguments: str, stdin: str = "") -> str:
        """`palique` in the gateway's container."""
        return self.compose("exec", "-T", "gateway", "palique", *arguments, stdin=stdin)

    def container(self, service: str) -> str:
        """The id of its container, also of one that has ended."""
        return self.compose("ps", "-a", "-q", service).strip()

    def inspect(self, service: str, template: str) -> str:
        return self.run(self._engine, "inspect", "--format", template, self.container(service)).strip()

    def kill(self, service: str) -> None:
        """Ends its first process as the kernel does without memory, and waits until the engine has started it again."""
        pid = int(self.inspect(service, "{{.State.Pid}}"))
        os.kill(pid, signal.SIGKILL)

        def runs_again() -> bool:
            return int(self.inspect(service, "{{.State.Pid}}")) not in (0, pid) and self.is_healthy(service)

        eventually_sync(runs_again, READY_S, sentence=f"{service} runs again")

    def tag_images(self, tag: str) -> None:
        """Another tag for the images that `make images` has built, as if they were another version."""
        for service in ("gateway", "presence", "chat", "tickets"):
            name = f"localhost/palique-{service}"
            self.run(self._engine, "tag", f"{name}:dev", f"{name}:{tag}")

    def is_healthy(self, service: str) -> bool:
        """The probe of compose.yaml, run now: podman leaves the interval to systemd, which not every machine has."""
        probe = [self._engine, "healthcheck", "run", self.container(service)]
        if self._engine == "docker":
            return self.inspect(service, "{{.State.Health.Status}}") == "healthy"
        return subprocess.run(probe, check=False, capture_output=True, env=self.env).returncode == 0

    def wait_healthy(self) -> None:
        for service in SERVICES:
            eventually_sync(lambda one=service: self.is_healthy(one), READY_S, sentence=f"{service} is healthy")  # type: ignore[misc]

    def mongodb_url(self) -> str:
        """Reaches the database from this machine, with all rights."""
        key = quote((self.folder / "secrets/mongodb-key").read_text(), safe="")
        return f"mongodb://__system:{key}@127.0.0.1:{self._mongodb_port}/?authSource=local&directConnection=true"

    def memory_mb(self) -> dict[str, int]:
        """The proportional set size of all processes of each container."""
        found = {}
        for service in SERVICES:
            first = psutil.Process(int(self.inspect(service, "{{.State.Pid}}")))
            found[service] = (
                sum(one.memory_full_info().pss for one in (first, *first.children(recursive=True))) // 10**6
            )
        return found


@contextmanager
def one_host(engine: str, folder: Path, project: str, ports: Ports) -> Iterator[OneHost]:
    """The installation after `./init`, not started. Its containers and volumes are removed after the block."""
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("secrets*", ".env", "backups", "__pycache__"))
    (folder / "compose.override.yaml").write_text(OVERRIDE.format(port=ports.port("mongodb")))
    host = OneHost(engine, folder, project, ports.port("mongodb"))
    host.run("./init", f"localhost:{ports.port('https')}", "--own-authority", "--http-port", str(ports.port("http")))
    try:
        yield host
    finally:
        LOGS.parent.mkdir(exist_ok=True)
        LOGS.write_text(host.compose("logs", "--no-color"))
        subprocess.run(
            [*compose_program().split(), "down", "--volumes", "--timeout", "5"],
            cwd=folder, env=host.env, check=False, capture_output=True,
        )  # fmt: skip
