"""`python -m devstack.prepare`: installs what private backends lack, and starts nothing.

Test processes that run side by side find it there, instead of installing it at the same time.
"""

import os
import sys

from devstack import containers, mongodb, rabbitmq
from devstack.failure import StackError, explain


def prepare() -> None:
    """Does nothing for a backend that somebody else runs, or that a container will be. StackError says what is missing."""
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
