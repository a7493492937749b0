"""Containers of the images, restricted as in Kubernetes, on the network of this machine."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TAG = os.environ.get("TAG", "dev")
# Longer than any service takes to stop.
STOP_S = 40
# The only writable folder.
SCRATCH = "/tmp"  # noqa: S108 - the container's own


def image(service: str) -> str:
    return f"localhost/palique-{service}:{TAG}"


class Container:
    """A running container."""

    def __init__(self, program: str, service: str, name: str) -> None:
        self._program = program
        self.service = service
        self.name = name

    def palique(self, *arguments: str, stdin: str = "") -> str:
        """Runs a command inside; AssertionError with its output when it fails."""
        done = subprocess.run(
            [self._program, "exec", "--interactive", self.name, "palique", *arguments],
            input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def inspect(self, template: str) -> str:
        return self._out("inspect", "--format", template, self.name)

    def logs(self) -> str:
        done = subprocess.run([self._program, "logs", self.name], check=True, capture_output=True, text=True)
        return done.stdout + done.stderr

    def stop(self) -> int:
        """Stops it with SIGTERM; returns the exit status."""
        self._out("stop", "--time", str(STOP_S), self.name)
        return int(self.inspect("{{.State.ExitCode}}"))

    def start(self) -> None:
        """Starts a stopped container again. Files that it wrote are lost, because they were in memory."""
        self._out("start", self.name)

    def _out(self, *arguments: str) -> str:
        done = subprocess.run([self._program, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()


@contextmanager
def running(
    program: str, service: str, name: str, env: Mapping[str, str], mounts: Sequence[tuple[Path, str]]
) -> Iterator[Container]:
    """A container until the block ends: without capabilities, with only /tmp writable, and a user without a name.

    Its probe is the engine's to run by systemd, which not every machine has; readiness is asked from here.
    """
    settings = [argument for key, value in env.items() for argument in ("--env", f"{key}={value}")]
    volumes = [argument for here, there in mounts for argument in ("--volume", f"{here}:{there}:ro")]
    subprocess.run(
        [program, "run", "--detach", "--no-healthcheck", "--name", name, "--network", "host", "--read-only", "--tmpfs", SCRATCH,
         "--cap-drop", "ALL", "--security-opt", "no-new-privileges", *settings, *volumes, image(service)],
        check=True, capture_output=True,
    )  # fmt: skip
    try:
        yield Container(program, service, name)
    finally:
        subprocess.run([program, "rm", "--force", "--time", "0", name], check=False, capture_output=True)
