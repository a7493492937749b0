"""`python -m devstack.prepare`: installs the missing programs of private backends, and starts nothing.

It runs before parallel test processes, which would otherwise install them at the same time.
"""

import os
import sys

from devstack import containers, mongodb, rabbitmq
from devstack.failure import StackError, explain


def prepare() -> None:
    """Skips a backend with a given URL, and both when a container engine answers. StackError names what is missing."""
    if containers.engine_answers():
        return
    if "PALIQUE_MONGODB_URL" not in os.environ:
        mongodb.mongod_path()
    if "PALIQUE_AMQP_URL" not in os.environ:
        rabbitmq.install()


if __name__ == "__main__":
    try:
        prepare()
    except StackError as error:
        sys.exit(explain(error))
