"""A second tenant beside the demo site, to see that sites are separate everywhere."""

from services.gateway.accounts.model import Site
from tests.support.running import Running
from tests.system.extra_site import make_extra_site

SITE = "second"
EMAIL = "agent@second.test"
PASSWORD = "another-secret-of-theirs"


async def make_second_site(running: Running) -> None:
    """Idempotent."""
    site = Site(key=SITE, name="Second shop", enabled=True, origins=("loopback",))
    await make_extra_site(running, site, email=EMAIL, name="Sasha", role="agent", password=PASSWORD)
