"""`python -m devstack.engine [--image NAME…] [--serve] COMMAND…` runs the command with a container engine.

The command finds the program in ENGINE, and the images python, mongodb, rabbitmq and caddy in PYTHON_IMAGE and so on.
With `--serve` testcontainers reaches the engine in it.
"""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack

from devstack.engine.find import find_engine, served
from devstack.engine.standins import PUBLIC, obtain, setting
from devstack.failure import StackError, explain


def main() -> int:
    """The exit status of the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--image", action="append", choices=PUBLIC, default=[])
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    engine = find_engine()
    images = {setting(name): obtain(engine, name) for name in options.image}
    with ExitStack() as stack:
        settings = stack.enter_context(served(engine)) if options.serve else {}
        env = {**os.environ, "ENGINE": engine, **images, **settings}
        return subprocess.run(options.command, check=False, env=env).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StackError as error:
        sys.exit(explain(error))
