"""Runs programs under supervisord: starts them when told, starts again what dies, stops all in order of their tiers."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

from devstack.failure import StackError
from devstack.folders import Folders, write_whole
from devstack.leftovers import MARK, reap
from devstack.program import Program
from devstack.stopping import Stopping
from devstack.supervisord_calls import call
from devstack.supervisord_config import supervisord_config
from devstack.waiting import wait_until

# supervisord itself is up in half a second; a machine under full load takes longer.
START_S = 20
# Room for ten thousand sockets and more, where the machine allows it; the broker's tables grow with the number.
MAX_FILES = 65536

STARTING, RUNNING = 10, 20


@dataclass(frozen=True)
class Running:
    """A program as supervisord sees it; `pid` is 0 while it is down."""

    pid: int
    up: bool


class Supervisor:
    """supervisord with a fixed set of programs, none started at first."""

    def __init__(self, folders: Folders, programs: Sequence[Program]) -> None:
        self._folders = folders
        self._programs = {program.name: program for program in programs}
        # A path of its own: one below a deep PALIQUE_HOME could pass the 107 bytes that a unix socket may have.
        self._socket_folder = Path(tempfile.mkdtemp(prefix="palique-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        self._log_starts: dict[str, int] = {}
        self._first_pids: dict[str, int] = {}

    def start(self, stopping: Stopping) -> None:
        """Returns once supervisord takes calls. StackError when it does not come up."""
        config = self._folders.run / "supervisord.conf"
        # Holds tokens: for its owner only.
        write_whole(config, self._config(), mode=0o600)
        log = self._folders.log("supervisord")
        log_from = log.stat().st_size if log.exists() else 0
        argv = [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "devstack.tether", str(os.getpid()), *argv],
                env={**os.environ, MARK: str(self._folders.home)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A Ctrl-C in the terminal is for the stack alone, which then stops everything in order.
                start_new_session=True,
            )
        if not wait_until(lambda: not self.alive() or self._answers(), START_S, stopping) or not self.alive():
            raise StackError("supervisord did not start.", log, log_from)

    def start_program(self, name: str) -> None:
        """Asks for the start and does not wait for it; nothing happens when it runs already."""
        log = self._folders.log(name)
        self._log_starts[name] = log.stat().st_size if log.exists() else 0
        try:
            self._call("startProcess", self._programs[name].address, False)
        except StackError as error:
            raise StackError(f"{name} could not be started: {error}", log, self._log_starts[name]) from error
        self._first_pids[name] = self.running()[name].pid

    def running(self) -> dict[str, Running]:
        """All programs by name."""
        infos = self._call("getAllProcessInfo")
        return {info["name"]: Running(info["pid"], info["state"] in (STARTING, RUNNING)) for info in infos}

    def ended(self, name: str) -> bool:
        """Whether the process that `start_program` made is gone, though another may already be in its place."""
        now = self.running()[name]
        return not now.up or now.pid != self._first_pids[name]

    def failure(self, name: str, sentence: str) -> StackError:
        """An error that shows what this program wrote since it was started."""
        return StackError(sentence, self._folders.log(name), self._log_starts.get(name, 0))

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stops everything, the highest tier first, and leaves no process."""
        if self._process is not None:
            if self.alive():
                self._process.terminate()
            try:
                self._process.wait(self._longest_stop())
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            reap(self._folders.home)
        shutil.rmtree(self._socket_folder, ignore_errors=True)

    def _longest_stop(self) -> int:
        tiers = {program.tier for program in self._programs.values()}
        longest = [max(p.stop_seconds for p in self._programs.values() if p.tier is tier) for tier in tiers]
        return sum(longest) + 10

    def _config(self) -> str:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        return supervisord_config(
            list(self._programs.values()),
            socket=self._socket_folder / "control",
            pidfile=self._folders.run / "supervisord.pid",
            logs=self._folders.logs,
            max_files=MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES),
        )

    def _answers(self) -> bool:
        try:
            self._call("getState")
        except StackError:
            return False
        return True

    def _call(self, method: str, *arguments: Any) -> Any:
        try:
            return call(self._socket_folder / "control", method, *arguments)
        except Fault as fault:
            if fault.faultString.startswith("ALREADY_STARTED"):
                return True
            raise StackError(f"supervisord refused {method}: {fault.faultString}.") from fault
        except (OSError, HTTPException) as error:
            raise StackError(f"supervisord does not answer: {error}.", self._folders.log("supervisord")) from error
