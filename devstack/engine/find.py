"""Finds the container engine: the first of podman and docker that answers, else podman, installed with apt."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from devstack import apt, containers
from devstack.failure import StackError
from devstack.stopping import Stopping
from devstack.waiting import wait_until

# The program docker may be installed without its daemon.
PROGRAMS = ("podman", "docker")
# runc runs with old control groups too; the last two serve podman without root.
PACKAGES = ("podman", "runc", "uidmap", "slirp4netns")
OTHERWISE = "Or start the daemon of docker."
LIMITS = Path(__file__).with_name("containers.conf")
# The number of CAP_SYS_RESOURCE among the capabilities.
SYS_RESOURCE = 24
SERVED_S = 30


def find_engine() -> str:
    """The name of the program. StackError with the remedy when none can be used here."""
    if found := answering():
        return found
    apt.install(PACKAGES, OTHERWISE)
    if refusal := _refusal("podman"):
        raise StackError(f"podman was installed, but does not run here: {refusal} {OTHERWISE}")
    return "podman"


def answering() -> str | None:
    """The name of the first program that answers; None where none does."""
    if "CONTAINERS_CONF" not in os.environ and _is_root_without_limits():
        os.environ["CONTAINERS_CONF"] = str(LIMITS)
    return next((program for program in PROGRAMS if shutil.which(program) and not _refusal(program)), None)


@contextmanager
def served(program: str) -> Iterator[Mapping[str, str]]:
    """The settings with which testcontainers reaches the engine. Podman gets a socket of its own until the block ends."""
    with TemporaryDirectory() as folder:
        if program == "docker":
            yield _settings(_docker_host())
            return
        host = f"unix://{folder}/podman.sock"
        service = subprocess.Popen([program, "--log-level", "error", "system", "service", "--time=0", host])
        try:
            if not wait_until(lambda: containers.answers_at(host), SERVED_S, Stopping()):
                raise StackError(f"`podman system service` did not answer in {SERVED_S} s.")
            yield _settings(host)
        finally:
            service.terminate()
            service.wait()


def _settings(host: str) -> dict[str, str]:
    return {
        "DOCKER_HOST": host,
        # Ryuk would remove what a killed test leaves, with an image that not every machine can get.
        "TESTCONTAINERS_RYUK_DISABLED": "true",
        "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
        "TESTCONTAINERS_HOST_OVERRIDE": "127.0.0.1",
    }


def _docker_host() -> str:
    """The address that the client itself uses, by DOCKER_HOST or its context."""
    asked = ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def _refusal(program: str) -> str:
    """Why the engine does not answer; empty when it does."""
    done = subprocess.run([program, "info"], check=False, capture_output=True, text=True)
    return done.stderr.strip() or "it failed without a message" if done.returncode else ""


def _is_root_without_limits() -> bool:
    """True for root in a machine that withholds CAP_SYS_RESOURCE, as some virtual machines and containers do."""
    status = Path("/proc/self/status")
    if os.geteuid() != 0 or not status.exists():
        return False
    effective = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    return not int(effective, 16) >> SYS_RESOURCE & 1
