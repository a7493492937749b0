"""`palique setup`: a new code for the set-up page of an installation without a site. Earlier codes no longer work."""

from argparse import Namespace
from collections.abc import Mapping

from commands.database import database
from commands.unable import Unable
from kit.ids import now_ms
from kit.times import rfc3339
from services.gateway.accounts.setup import Setup
from services.gateway.accounts.store import GatewayStore


async def run(line: Namespace, environ: Mapping[str, str]) -> None:
    """Unable when there is a site: the set-up page is closed then."""
    async with database(environ) as (client, prefix):
        setup = Setup(GatewayStore(client[f"{prefix}_gateway"]), now_ms)
        if not await setup.needed():
            raise Unable("there is a site already; create further administrators with `palique create-agent`")
        code, expires_at_ms = await setup.make()
    address = f"{line.url.rstrip('/') or 'https://YOUR-PALIQUE'}/dashboard/"
    print(f"Open {address} and enter this code. It works once, until {rfc3339(expires_at_ms)}:")
    print(f"  {code}")
