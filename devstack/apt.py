"""Installs a missing Debian package when root access needs no password; otherwise raises with the command to run.

`python -m devstack.apt PROGRAM…` installs the packages of the missing programs, in one run; `PROGRAM=PACKAGE` names a package
that is not called as its program.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from devstack.failure import StackError, explain

# Long enough for a slow mirror; a mirror that never answers must not block the stack.
INSTALL_S = 900


def install(packages: Sequence[str], otherwise: str = "") -> None:
    """Installs with apt. StackError with the exact command when that is impossible here; `otherwise` names an alternative."""
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
            output = "\n".join((result.stdout + result.stderr).splitlines()[-10:])
            raise StackError(f"`{' '.join(argv)}` failed:\n{output}\n{otherwise}".strip())


def as_root(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Runs the command as root without a prompt, and captures its output."""
    return subprocess.run(
        [*(_become_root() or []), "env", "DEBIAN_FRONTEND=noninteractive", *argv],
        check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=INSTALL_S,
    )  # fmt: skip


def _become_root() -> list[str] | None:
    """The prefix that runs a command as root without a password prompt; None when there is none."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None or subprocess.run([sudo, "-n", "true"], check=False, capture_output=True).returncode != 0:
        return None
    return [sudo, "-n"]


if __name__ == "__main__":
    pairs = [argument.partition("=") for argument in sys.argv[1:]]
    missing = [package or program for program, _, package in pairs if shutil.which(program) is None]
    try:
        if missing:
            install(missing)
    except StackError as error:
        sys.exit(explain(error))
