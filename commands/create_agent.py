"""`palique create-agent`: an account for an agent. Use it for the first administrator of a site; others get invitations."""

from argparse import Namespace
from collections.abc import Mapping

from commands.database import database
from commands.passwords import hash_from_stdin, print_link
from commands.unable import Unable
from kit.ids import new_id
from kit.text.email import displayed
from kit.vocabulary import AgentRole
from services.gateway.accounts import validation
from services.gateway.accounts.model import Agent
from services.gateway.accounts.password_rule import texts_around
from services.gateway.accounts.store import GatewayStore


async def run(line: Namespace, environ: Mapping[str, str]) -> None:
    """Unable when the site does not exist or another account has that e-mail address."""
    try:
        email, name = validation.email(line.email), validation.name(line.name)
    except ValueError as error:
        raise Unable(str(error)) from None
    role: AgentRole = "administrator" if line.administrator else "agent"
    async with database(environ) as (client, prefix):
        store = GatewayStore(client[f"{prefix}_gateway"])
        await store.ensure_indexes()
        site = await store.site(line.site)
        if site is None:
            raise Unable(f"there is no site {line.site}; create it with `palique create-site`")
        password_hash = hash_from_stdin(texts_around(name, email, line.site, site)) if line.password_stdin else ""
        agent = Agent(id=new_id(), site=line.site, email=email, name=name, role=role, password_hash=password_hash)
        if not await store.add_agent(agent):
            raise Unable(f"{displayed(email)} has an account already; set a new password with `palique reset-password`")
        print(f"{name} is {role} of {line.site}.")
        if not line.password_stdin:
            await print_link(store, agent, line)
