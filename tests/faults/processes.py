"""The processes of a stack as its supervisor sees them, to be killed, stopped and let go on.

The supervisor is asked and not `run/stack.json`: that tells of a stack that is whole, and here it rarely is.
"""

import os
import signal
import time
from configparser import RawConfigParser
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devstack.supervision import RUNNING
from devstack.supervisord_calls import call


@dataclass(frozen=True)
class Process:
    """`up_s`: how long it has run."""

    name: str
    pid: int
    up_s: float


class Processes:
    """Of the stack in `home`."""

    def __init__(self, home: Path) -> None:
        config = RawConfigParser()
        config.read(home / "run" / "supervisord.conf")
        self._socket = Path(config["unix_http_server"]["file"])

    def running(self) -> dict[str, Process]:
        """Those that are up, by name."""
        return {
            info["name"]: Process(info["name"], info["pid"], info["now"] - info["start"])
            for info in call(self._socket, "getAllProcessInfo")
            if info["state"] == RUNNING
        }

    def kill(self, name: str) -> bool:
        """Kill -9; False when it was not up. The supervisor starts it again."""
        found = self.running().get(name)
        if found is None:
            return False
        try:
            os.kill(found.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def stand_still(self, name: str) -> int:
        """SIGSTOP; gives the pid for `go_on`."""
        pid = self.running()[name].pid
        os.kill(pid, signal.SIGSTOP)
        return pid

    def go_on(self, pid: int) -> None:
        """SIGCONT."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    def restart(self, name: str, grace_s: float = 30.0) -> None:
        """SIGTERM, and it comes again; returns when another one is up. Blocks."""
        before = self.running()[name].pid
        os.kill(before, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        while self.running().get(name, Process(name, before, 0)).pid == before:
            assert time.monotonic() < deadline, f"{name} does not end on SIGTERM"
            time.sleep(0.1)
