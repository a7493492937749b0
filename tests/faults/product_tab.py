"""A reader that is the product's own client, run by Node: what it shows goes into the ledger as what other readers show does."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from devstack.folders import ROOT
from tests.faults.ledger import Applied, Connected, Ledger, Reader, Reset
from tests.faults.page import line_of
from tests.system.log_copy import Frame
from tests.system.protocol_client import Browser

SOURCE = ROOT / "web" / "client" / "tests" / "tab.ts"
PROGRAMS = ROOT / "web" / "node_modules" / ".bin"
# The one that the Python environment brings.
NODE = str(Path(sys.executable).with_name("node"))


@dataclass
class Shown:
    """How far a log is shown."""

    last: int = 0


def bundle(folder: Path) -> Path:
    """The tab as one file that Node runs."""
    made = folder / "tab.mjs"
    argv = [NODE, str(PROGRAMS / "rolldown"), str(SOURCE), "--file", str(made), "--platform", "node"]
    subprocess.run(argv, check=True, capture_output=True)
    return made


def _pass_on(stdout: IO[bytes] | None, lines: "asyncio.Queue[bytes]", loop: asyncio.AbstractEventLoop) -> None:
    """A thread's work: a killed process ends it at once. An empty line says that there are no more."""
    assert stdout is not None
    for line in stdout:
        loop.call_soon_threadsafe(lines.put_nowait, line)
    loop.call_soon_threadsafe(lines.put_nowait, b"")


class ProductTab:
    """One tab of a visitor. `run` must be running; `program` is made by `bundle`."""

    def __init__(
        self, reader: Reader, browser: Browser, ledger: Ledger, gateways: Sequence[str], program: Path
    ) -> None:
        self.reader = reader
        self.logs: dict[str, Shown] = {}
        self.connects = 0
        self._browser = browser
        self._ledger = ledger
        self._gateways = gateways
        self._program = program
        self._stdin: IO[bytes] | None = None
        ledger.meet(reader)

    async def run(self) -> None:
        """Until cancelled; AssertionError when the tab gives up, which it never has a reason for here."""
        lines: asyncio.Queue[bytes] = asyncio.Queue()
        argv = [NODE, "--no-warnings", str(self._program), self._browser.token or "", *self._gateways]
        # asyncio's own processes lose the end of their pipes now and then, and are waited for ever after.
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220 - it starts in milliseconds
            reading = threading.Thread(target=_pass_on, args=(process.stdout, lines, asyncio.get_running_loop()))
            reading.start()
            self._stdin = process.stdin
            try:
                while line := await lines.get():
                    self._take(json.loads(line))
                raise AssertionError(f"{self.reader.name} gave up")
            finally:
                self._stdin = None
                process.kill()
                reading.join()

    def stay(self) -> None:
        """The page becomes visible: whatever it waits for, it looks now."""
        if self._stdin is not None:
            self._stdin.write(b"\n")
            self._stdin.flush()

    def _take(self, told: Frame) -> None:
        if "up" in told:
            self.connects += 1
            self._ledger.note(Connected(self.reader.name))
        elif "reset" in told:
            self.logs.pop(told["reset"], None)
            self._ledger.note(Reset(self.reader.name, told["reset"]))
        else:
            self._ledger.note(Applied(self.reader.name, line_of(told)))
            self.logs.setdefault(told["conversation"], Shown()).last = told["seq"]
