"""`python -m devstack.tether PARENT PROGRAM ARGUMENT…` replaces itself by that program, which ends when PARENT ends.

A stack that gets SIGKILL cannot stop its processes. On Linux the kernel then sends SIGTERM to supervisord.
On other systems the next start ends the processes that are left.
"""

import ctypes
import os
import signal
import sys

# From <sys/prctl.h>: the signal that this process gets when the thread that started it ends. Survives exec.
PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Replaces this process by the program; never returns."""
    parent, *argv = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("the parent process has ended")
    os.execv(argv[0], argv)  # noqa: S606 - it is the stack that names the program


if __name__ == "__main__":
    main(sys.argv[1:])
