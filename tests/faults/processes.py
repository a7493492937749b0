"""Kills, stops and continues the processes of a stack through its supervisor.

It does not use `run/stack.json`, which is written only while all processes are up.
"""

import os
import re
import signal
from configparser import RawConfigParser
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xmlrpc.client import Fault

from devstack.supervision import RUNNING
from devstack.supervisord_calls import call
from tests.support.pause import pause, resume


@dataclass(frozen=True)
class Process:
    """A running process; `up_s` is its age in seconds."""

    name: str
    pid: int
    up_s: float


class Processes:
    """The processes of the stack in `home`."""

    def __init__(self, home: Path) -> None:
        config = RawConfigParser()
        config.read(home / "run" / "supervisord.conf")
        self._socket = Path(config["unix_http_server"]["file"])
        self._config = config

    def running(self) -> dict[str, Process]:
        """The processes that are up, by name."""
        return {
            info["name"]: Process(info["name"], info["pid"], info["now"] - info["start"])
            for info in call(self._socket, "getAllProcessInfo")
            if info["state"] == RUNNING
        }

    def kill(self, name: str) -> bool:
        """SIGKILL; False when it was not up. The supervisor restarts it."""
        found = self.running().get(name)
        if found is None:
            return False
        try:
            os.kill(found.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def pause(self, name: str) -> int:
        """Returns the pid for `go_on`."""
        pid = self.running()[name].pid
        pause(pid)
        return pid

    def go_on(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            resume(pid)

    def terminate(self, name: str) -> None:
        """SIGTERM; the supervisor restarts it."""
        os.kill(self.running()[name].pid, signal.SIGTERM)

    def keep_down(self, name: str) -> None:
        """SIGKILL without restart until `start`."""
        self.kill(name)
        with suppress(Fault):  # it is down already
            call(self._socket, "stopProcess", f"{self._groups()[name]}:{name}", False)

    def start(self, name: str) -> None:
        """Ends a `keep_down`."""
        with suppress(Fault):  # it was faster
            call(self._socket, "startProcess", f"{self._groups()[name]}:{name}", False)

    def environment(self, name: str) -> dict[str, str]:
        """The environment variables that the stack added."""
        written = self._config[f"program:{name}"]["environment"].replace("%%", "%")
        return dict(re.findall(r'(\w+)="([^"]*)"', written))

    def _groups(self) -> dict[str, str]:
        return {info["name"]: info["group"] for info in call(self._socket, "getAllProcessInfo")}
