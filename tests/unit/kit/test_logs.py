"""Log lines as a process writes them."""

import json
import subprocess
import sys

# The configuration is the whole process's, so it has one of its own.
PROGRAM = r"""
import logging
from kit.runtime.logs import configure
log = configure("test")
forged = 'x\n{"event": "forged"}\r\x1b[2J\u2028\u202e"'
log.info(forged, name=forged)
logging.getLogger("library").warning(forged)
try:
    raise ValueError(forged)
except ValueError:
    log.exception("failed")
"""


def test_no_value_begins_a_line_of_its_own() -> None:
    """Each of the three calls is one line of JSON in ASCII, whatever the values contain."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    lines = done.stdout.splitlines()
    assert [json.loads(line)["level"] for line in lines] == ["info", "warning", "error"]
    assert all(byte < 0x7F for line in lines for byte in line)
    assert not any(b"\x1b" in line for line in lines)
    assert all({"at", "event"} <= json.loads(line).keys() for line in lines)
    assert all(json.loads(line)["at"].endswith("Z") for line in lines)
