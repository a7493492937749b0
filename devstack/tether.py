"""`python -m devstack.tether PARENT PROGRAM ARGUMENT…` becomes that program, which ends when PARENT does.

A stack that is killed outright cannot stop what it started; on Linux the kernel then tells supervisord to.
Elsewhere the next start finds what was left.
"""

import ctypes
import os
import signal
import sys

# From <sys/prctl.h>: the signal that this process gets when the thread that started it ends. Survives exec.
PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Does not return."""
    parent, *argv = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("the parent has gone")
    os.execv(argv[0], argv)  # noqa: S606 - it is the stack that names the program


if __name__ == "__main__":
    main(sys.argv[1:])
