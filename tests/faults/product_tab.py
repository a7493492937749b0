"""A reader that is the product's own client, run by Node: what it shows goes into the ledger as what other readers show does."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devstack.folders import ROOT
from tests.faults.ledger import Applied, Connected, Ledger, Reader, Reset
from tests.faults.page import line_of
from tests.system.log_copy import Frame
from tests.system.protocol_client import Browser

SOURCE = ROOT / "web" / "client" / "tests" / "tab.ts"
PROGRAMS = ROOT / "web" / "node_modules" / ".bin"
# The one that the Python environment brings.
NODE = str(Path(sys.executable).with_name("node"))
# A line is an entry, 16 KB at the longest texts.
LINE_BYTES = 1024 * 1024
REAPED_S = 2.0


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
        self._process: asyncio.subprocess.Process | None = None
        ledger.meet(reader)

    async def run(self) -> None:
        """Until cancelled; AssertionError when the tab gives up, which it never has a reason for here."""
        argv = [str(self._program), self._browser.token or "", *self._gateways]
        self._process = await asyncio.create_subprocess_exec(
            NODE, *argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=LINE_BYTES
        )
        assert self._process.stdout is not None
        try:
            async for line in self._process.stdout:
                self._take(json.loads(line))
            raise AssertionError(f"{self.reader.name} ended with {await self._process.wait()}")
        finally:
            with suppress(ProcessLookupError):
                self._process.kill()
            # Killed for certain; that its pipes are seen to close is not (asyncio loses that now and then when a reader was cancelled).
            with suppress(TimeoutError):
                async with asyncio.timeout(REAPED_S):
                    await self._process.wait()

    def stay(self) -> None:
        """The page becomes visible: whatever it waits for, it looks now."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(b"\n")

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
