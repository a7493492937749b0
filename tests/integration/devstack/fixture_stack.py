"""The development stack with fixture services in the place of the product's, and everything else real."""

import sys

from devstack.__main__ import main
from devstack.settings import SERVICES
from devstack.stack import Parts

FIXTURE = "tests.integration.devstack.fixture_service"

if __name__ == "__main__":
    sys.exit(main(Parts(dict.fromkeys(SERVICES, FIXTURE), seed=None, given_ready_s=1.5)))
