"""A private RabbitMQ: Debian's server with its own epmd, cookie, node and data below PALIQUE_HOME, all on loopback."""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from devstack import apt
from devstack.failure import StackError
from devstack.folders import Folders, write_whole
from devstack.ports import Ports
from devstack.program import Program, Tier
from devstack.supervision import Running, Supervisor

NAME = "rabbitmq"
EPMD = "epmd"
# The wrappers in /usr/sbin require the user rabbitmq and one data folder; these programs do not.
PROGRAMS = Path("/usr/lib/rabbitmq/bin")
# The protocol header that opens an AMQP 0-9-1 connection.
GREETING = b"AMQP\x00\x00\x09\x01"
LOOK_S = 1.0
OTHERWISE = "Or set PALIQUE_AMQP_URL to a broker that runs elsewhere (RabbitMQ 3.10 or newer)."

CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{port}
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 200MB
log.console = true
log.console.level = warning
log.file = false
"""
# The distribution port listens on loopback only, and idle schedulers do not spin.
ERLANG_ARGUMENTS = "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"


class PrivateRabbit:
    """A Backend: epmd and the broker under the stack's supervisor."""

    name = NAME

    def __init__(self, folders: Folders, ports: Ports) -> None:
        install()
        self._folder = folders.data / NAME
        self._env = _environment(self._folder, ports)
        self._port = ports.port(NAME)
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}/"
        _write_configuration(self._folder, self._port)
        epmd = shutil.which("epmd") or "epmd"
        self.programs: tuple[Program, ...] = (
            Program(EPMD, (epmd, "-port", self._env["ERL_EPMD_PORT"], "-address", "127.0.0.1"), Tier.BACKENDS),
            Program(
                NAME,
                (str(PROGRAMS / "rabbitmq-server"),),
                Tier.BACKENDS,
                self._env,
                # Mnesia writes its crash dumps into the working directory, which must not be the checkout.
                directory=self._folder,
                stop_seconds=30,
            ),
        )

    def launch(self, supervisor: Supervisor) -> None:
        # Without a running epmd the node would start one, which would outlive the node.
        supervisor.start_program(EPMD)
        supervisor.start_program(NAME)

    def ready(self) -> bool:
        return answers(self.url)

    def pids(self, running: Mapping[str, Running]) -> list[int]:
        return [running[NAME].pid]

    def stop(self) -> None:
        """Nothing to do: the supervisor stops it."""

    def control(self, *arguments: str) -> None:
        """Runs rabbitmqctl on this broker, about two seconds. StackError with its error output when it fails."""
        result = subprocess.run(
            [PROGRAMS / "rabbitmqctl", *arguments],
            check=False, capture_output=True, text=True, env={**os.environ, **self._env},
        )  # fmt: skip
        if result.returncode != 0:
            raise StackError(f"rabbitmqctl {' '.join(arguments)} failed: {result.stderr.strip()}")


def answers(url: str) -> bool:
    """True when an AMQP server answers there; with TLS, when the port accepts a connection."""
    parts = urlsplit(url)
    if parts.scheme not in ("amqp", "amqps") or not parts.hostname:
        raise StackError("PALIQUE_AMQP_URL is not of the form amqp://user:password@host:port/vhost.")
    default = 5671 if parts.scheme == "amqps" else 5672
    try:
        with socket.create_connection((parts.hostname, parts.port or default), LOOK_S) as connection:
            if parts.scheme == "amqps":
                return True
            connection.sendall(GREETING)
            # A method frame begins with 1; a server of another version answers "AMQP".
            return connection.recv(1) == b"\x01"
    except OSError:
        return False


def vhost_url(url: str, vhost: str) -> str:
    """The same broker and user, another virtual host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{quote(vhost, safe='')}"


def _environment(folder: Path, ports: Ports) -> dict[str, str]:
    return {
        # The node reads the Erlang cookie from the home folder.
        "HOME": str(folder / "home"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_NODENAME": "palique@localhost",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": str(ports.port("rabbitmq-distribution")),
        "ERL_EPMD_PORT": str(ports.port(EPMD)),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_ARGUMENTS,
        # The start script then replaces itself by the broker: one process, whose pid supervisord signals.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def _write_configuration(folder: Path, port: int) -> None:
    (folder / "home").mkdir(parents=True, exist_ok=True)
    cookie = folder / "home" / ".erlang.cookie"
    if not cookie.exists():
        write_whole(cookie, secrets.token_hex(20), mode=0o400)
    write_whole(folder / "rabbitmq.conf", CONFIG.format(port=port))
    write_whole(folder / "enabled_plugins", "[].\n")


def install() -> None:
    """Installs RabbitMQ when it is missing. StackError when that is impossible here."""
    if not (PROGRAMS / "rabbitmq-server").exists():
        apt.install(["rabbitmq-server"], OTHERWISE)
        _silence_system_broker()
    if not (PROGRAMS / "rabbitmq-server").exists():
        raise StackError(f"The package rabbitmq-server was installed, but {PROGRAMS} has no server. {OTHERWISE}")


def _silence_system_broker() -> None:
    """Disables the broker that Debian's package starts under systemd: the stack runs its own."""
    if Path("/run/systemd/system").exists():
        apt.as_root(["systemctl", "disable", "--now", "rabbitmq-server.service", "epmd.socket", "epmd.service"])
