"""`palique reset-password`: the old password opens nothing any more, nor do the sessions that it opened.

Gateways look at the sessions of open sockets every few seconds, so those end too (I-21).
"""

from argparse import Namespace
from collections.abc import Mapping

from commands.database import database
from commands.passwords import hash_from_stdin, print_link
from commands.unable import Unable
from services.gateway.accounts import validation
from services.gateway.accounts.store import GatewayStore


async def run(line: Namespace, environ: Mapping[str, str]) -> None:
    """Unable when nobody has that e-mail address, or they have no access."""
    try:
        email = validation.email(line.email)
    except ValueError as error:
        raise Unable(str(error)) from None
    async with database(environ) as (client, prefix):
        store = GatewayStore(client[f"{prefix}_gateway"])
        agent = await store.agent_by_email(email)
        if agent is None:
            raise Unable(f"nobody has the e-mail address {email}")
        if agent.disabled:
            raise Unable(f"{email} has no access; an administrator gives it back in the dashboard")
        password_hash = hash_from_stdin(email) if line.password_stdin else ""
        await store.update_agent(agent.site, agent.id, {"password_hash": password_hash})
        for session in await store.sessions_of(agent.id):
            await store.drop_session(session)
        await store.drop_invitations_of(agent.id)
        if line.password_stdin:
            print(f"{agent.name} has a new password and is signed out everywhere.")
        else:
            print(f"{agent.name} is signed out everywhere, and the old password opens nothing.")
            await print_link(store, agent, line)
