"""Copies the one package that installs all others, uv, from requirements.lock into bootstrap.lock."""

import re
import sys
from pathlib import Path

HEADER = """\
# What fetches everything else: `tools/setup.sh` installs this with pip, then requirements.lock with it.
# Written by `make lock`; the version is the one in requirements.lock.
"""


def bootstrap_lock(requirements: str) -> str:
    """The lines of the pinned uv with its hashes; raises ValueError when the lock does not contain it."""
    found = re.search(r"^uv==\S+(?: \\\n    --hash=\S+)+\n", requirements, re.MULTILINE)
    if found is None:
        raise ValueError("requirements.lock does not pin uv")
    return HEADER + found.group()


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(bootstrap_lock(source.read_text()))
