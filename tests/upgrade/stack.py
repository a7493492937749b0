"""The development stack whose services may run from another tree each."""

import sys

from devstack.__main__ import main
from devstack.settings import SERVICES
from devstack.stack import Parts

if __name__ == "__main__":
    sys.exit(main(Parts(dict.fromkeys(SERVICES, "tests.upgrade.service"), seed="tests.upgrade.demo_data")))
