"""`palique reset-password`: replaces an agent's password and ends all sessions of the agent.

Gateways check the sessions of open sockets every few seconds, so open sockets are closed too (requirement I-21).
"""

from argparse import Namespace
from collections.abc import Mapping

from commands.database import database
from commands.passwords import hash_from_stdin, print_link
from commands.unable import Unable
from kit.text.email import displayed
from services.gateway.accounts import validation
from services.gateway.accounts.password_rule import texts_around
from services.gateway.accounts.store import GatewayStore


async def run(line: Namespace, environ: Mapping[str, str]) -> None:
    """Unable when no account has that e-mail address, or the account is disabled."""
    try:
        email = validation.email(line.email)
    except ValueError as error:
        raise Unable(str(error)) from None
    async with database(environ) as (client, prefix):
        store = GatewayStore(client[f"{prefix}_gateway"])
        agent = await store.agent_by_email(email)
        if agent is None:
            raise Unable(f"there is no account with the e-mail address {displayed(email)}")
        if agent.disabled:
            raise Unable(f"the account {displayed(email)} is disabled; an administrator can enable it in the dashboard")
        site = await store.site(agent.site)
        password_hash = (
            hash_from_stdin(texts_around(agent.name, email, agent.site, site)) if line.password_stdin else ""
        )
        await store.update_agent(agent.site, agent.id, {"password_hash": password_hash})
        for session in await store.sessions_of(agent.id):
            await store.drop_session(session)
        await store.drop_invitations_of(agent.id)
        if line.password_stdin:
            print(f"{agent.name} has a new password and is signed out everywhere.")
        else:
            print(f"{agent.name} is signed out everywhere, and the old password is no longer valid.")
            await print_link(store, agent, line)
