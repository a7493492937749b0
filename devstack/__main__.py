"""`python -m devstack`: starts the stack, prints its addresses, runs until SIGINT or SIGTERM."""

import os
import signal
import sys
from pathlib import Path

from devstack.failure import StackError, Stopped, explain
from devstack.folders import named_full_disk
from devstack.settings import read_settings
from devstack.stack import PRODUCT, Parts, Stack
from devstack.stopping import Stopping


def main(parts: Parts = PRODUCT) -> int:
    """The exit status: 0 after an orderly stop, 1 when the stack could not start or had to end."""
    stopping = Stopping()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    try:
        settings = read_settings(os.environ, Path.cwd())
        with named_full_disk(settings.home):
            Stack(settings, parts, stopping).run()
    except Stopped:
        pass
    except StackError as error:
        print(f"palique: {explain(error)}", file=sys.stderr, flush=True)
        return 1
    print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
