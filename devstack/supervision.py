"""Runs programs under supervisord: starts them on request, restarts those that die, stops all of them tier by tier."""

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
from typing import TypedDict, cast
from xmlrpc.client import Fault

from devstack.failure import StackError
from devstack.folders import Folders, write_whole
from devstack.leftovers import MARK, reap
from devstack.program import Program
from devstack.stopping import Stopping
from devstack.supervisord_calls import call
from devstack.supervisord_config import supervisord_config
from devstack.waiting import wait_until

# supervisord starts in half a second; a loaded machine takes longer.
START_S = 20
# Enough for over ten thousand sockets; more is a waste, because the broker's tables grow with the limit.
MAX_FILES = 65536

STARTING, RUNNING = 10, 20


class _ProcessInfo(TypedDict):
    name: str
    pid: int
    state: int


@dataclass(frozen=True)
class Running:
    """A program as supervisord sees it; `pid` is 0 while it is down."""

    pid: int
    up: bool


class Supervisor:
    """supervisord with a fixed set of programs, none of which starts by itself."""

    def __init__(self, folders: Folders, programs: Sequence[Program]) -> None:
        self._folders = folders
        self._programs = {program.name: program for program in programs}
        # In /tmp: below a deep PALIQUE_HOME the path could exceed the 107 bytes of a unix socket's path.
        self._socket_folder = Path(tempfile.mkdtemp(prefix="palique-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        self._log_starts: dict[str, int] = {}
        self._first_pids: dict[str, int] = {}

    def start(self, stopping: Stopping) -> None:
        """Returns once supervisord answers. StackError when it does not start."""
        config = self._folders.run / "supervisord.conf"
        # The file holds tokens, so only its owner may read it.
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
                # Ctrl-C in the terminal then reaches the stack alone, which stops everything in order.
                start_new_session=True,
            )
        if not wait_until(lambda: not self.alive() or self._answers(), START_S, stopping) or not self.alive():
            raise StackError("supervisord did not start.", log, log_from)

    def start_program(self, name: str) -> None:
        """Requests the start and does not wait for it. A program that runs already is left alone."""
        log = self._folders.log(name)
        self._log_starts[name] = log.stat().st_size if log.exists() else 0
        try:
            self._call("startProcess", self._programs[name].address, False)
        except StackError as error:
            raise StackError(f"{name} could not be started: {error}", log, self._log_starts[name]) from error
        self._first_pids[name] = self.running()[name].pid

    def running(self) -> dict[str, Running]:
        """All programs by name."""
        infos = cast(list[_ProcessInfo], self._call("getAllProcessInfo"))
        return {info["name"]: Running(info["pid"], info["state"] in (STARTING, RUNNING)) for info in infos}

    def ended(self, name: str) -> bool:
        """True when the process that `start_program` started has ended, even if supervisord has restarted the program."""
        now = self.running()[name]
        return not now.up or now.pid != self._first_pids[name]

    def failure(self, name: str, sentence: str) -> StackError:
        """An error that shows the program's log since its start."""
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

    def _call(self, method: str, *arguments: str | bool) -> object:
        try:
            return call(self._socket_folder / "control", method, *arguments)
        except Fault as fault:
            if fault.faultString.startswith("ALREADY_STARTED"):
                return True
            raise StackError(f"supervisord refused {method}: {fault.faultString}.") from fault
        except (OSError, HTTPException) as error:
            raise StackError(f"supervisord does not answer: {error}.", self._folders.log("supervisord")) from error
