"""A whole development stack in a folder of its own, started as a person starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devstack.folders import ROOT
from devstack.ports import Ports
from tests.support.eventually import eventually_sync
from tests.support.json_object import JsonObject

# All of it, from nothing, while the machine does other things too.
READY_S = 240
STOP_S = 90

# Tests of this machine's programs must not use a container instead.
NO_ENGINE = ("DOCKER_HOST", "unix:///nonexistent")

# Tests sign in hundreds of times; a hash takes 0.15 s with the parameters as shipped.
QUICK_PASSWORDS = {"PALIQUE_STACK_ENV_GATEWAY_1_PALIQUE_PASSWORD_MEMORY_KIB": "64"}

# All simulated clients have one address; the limits of one address would stop them.
ONE_ADDRESS = {
    f"PALIQUE_ADDRESS_{name}": "1000000"
    for name in ("CONNECTIONS", "SOCKETS", "MESSAGE_RATE", "MESSAGE_BURST", "CHAT_RATE", "CHAT_BURST")
}


class Stack:
    """`python -m devstack` in `home`, with `env` and nothing else of PALIQUE_*: backends are its own unless that names others."""

    def __init__(self, home: Path, env: Mapping[str, str], module: str = "devstack") -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.output = home / "output.txt"
        self._module = module
        self._env = {"PALIQUE_PORT": str(Ports(home / "test-ports.json").port("public")), **env}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it is ready; AssertionError with what it printed when it ends before. Leaves nothing running on failure."""
        stale = self._content()  # of a stack that was killed
        self.launch()
        try:
            eventually_sync(lambda: self._content() not in (None, stale) or self.exit_status() is not None, READY_S)
        except BaseException:
            self.stop()
            raise
        assert self.exit_status() is None, f"the stack did not start:\n{self.output.read_text()}"

    def launch(self) -> None:
        """Starts it without waiting."""
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                cwd=ROOT,
                env={**_without_settings(), "PALIQUE_HOME": str(self.home), **self._env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def file(self) -> Path:
        return self.home / "run" / "stack.json"

    def _content(self) -> str | None:
        try:
            return self.file.read_text()
        except FileNotFoundError:
            return None

    @property
    def described(self) -> JsonObject:
        """`run/stack.json` as it is now."""
        found: JsonObject = json.loads(self.file.read_text())
        return found

    @property
    def pid(self) -> int:
        """Of the stack itself."""
        assert self._process is not None
        return self._process.pid

    def exit_status(self) -> int | None:
        """None while it runs."""
        return None if self._process is None else self._process.poll()

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        assert self._process is not None
        return self._process.wait(STOP_S)

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Orderly; its exit status. Harmless when it has ended before."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(with_signal)
        return self.wait()


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PALIQUE_")}
