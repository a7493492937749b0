"""`palique create-site`: a new site (tenant) and the web origins that may embed its widget."""

from argparse import Namespace
from collections.abc import Mapping

from commands.database import database
from commands.unable import Unable
from services.gateway.accounts import site_settings, validation
from services.gateway.accounts.identity import SITE_KEY
from services.gateway.accounts.model import Site
from services.gateway.accounts.store import GatewayStore


async def run(line: Namespace, environ: Mapping[str, str]) -> None:
    """Unable when the key is in use: an existing site is changed in the dashboard."""
    if not SITE_KEY.fullmatch(line.key):
        raise Unable("a site key has 1 to 64 characters: letters, digits, - and _")
    try:
        site = Site(
            key=line.key,
            name=validation.name(line.name),
            enabled=True,
            origins=site_settings.origins(line.origin),
        )
    except ValueError as error:
        raise Unable(str(error)) from None
    async with database(environ) as (client, prefix):
        store = GatewayStore(client[f"{prefix}_gateway"])
        await store.ensure_indexes()
        if not await store.add_site(site):
            raise Unable(f"there is a site {line.key} already; administrators change it in the dashboard")
    print(f"The site {site.key} is created. Add this to its pages:")
    print(f'  <script src="https://YOUR-PALIQUE/widget.js" data-site="{site.key}" async></script>')
