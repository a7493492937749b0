"""Installs a Debian package that a development machine lacks, where that is allowed, and otherwise says what to do.

`python -m devstack.apt PROGRAM PACKAGE…` installs the packages when PROGRAM is not there.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from devstack.failure import StackError, explain

# A slow mirror is slow; one that hangs must not hang the stack for ever.
INSTALL_S = 900


def install(packages: Sequence[str], otherwise: str = "") -> None:
    """StackError with the exact command when it cannot be done here; `otherwise` is added as another way out."""
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    prefix = _become_root()
    if shutil.which("apt-get") is None:
        raise StackError(f"{' and '.join(packages)} is missing and this machine has no apt-get. {otherwise}".strip())
    if prefix is None:
        raise StackError(f"{' and '.join(packages)} is missing. Please run:  sudo {command}   {otherwise}".strip())
    print(f"installing {' '.join(packages)} with apt …", flush=True)
    for argv in (["apt-get", "update", "-q"], command.split()):
        result = as_root(argv)
        if result.returncode != 0:
            said = "\n".join((result.stdout + result.stderr).splitlines()[-10:])
            raise StackError(f"`{' '.join(argv)}` failed:\n{said}\n{otherwise}".strip())


def as_root(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Runs it as root without a question; its result has what it said."""
    return subprocess.run(
        [*(_become_root() or []), "env", "DEBIAN_FRONTEND=noninteractive", *argv],
        check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=INSTALL_S,
    )  # fmt: skip


def _become_root() -> list[str] | None:
    """What to put before a command to run it as root without asking for a password; None when that cannot be."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None or subprocess.run([sudo, "-n", "true"], check=False, capture_output=True).returncode != 0:
        return None
    return [sudo, "-n"]


if __name__ == "__main__":
    program, *wanted = sys.argv[1:]
    try:
        if shutil.which(program) is None:
            install(wanted)
    except StackError as error:
        sys.exit(explain(error))
