"""Passwords set by commands: from standard input, or by a link that is valid once. A password is never an argument."""

import sys
from argparse import Namespace
from collections.abc import Iterable

from commands.unable import Unable
from kit.ids import now_ms
from kit.times import rfc3339
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.model import Agent
from services.gateway.accounts.password_rule import new_password
from services.gateway.accounts.passwords import password_hasher
from services.gateway.accounts.store import GatewayStore


def hash_from_stdin(known: Iterable[str]) -> str:
    """The hash of the first line of standard input. Unable when the password breaks the rules; `known` as in `new_password`."""
    try:
        return password_hasher().hash(new_password(sys.stdin.readline().rstrip("\n"), known))
    except ValueError as error:
        raise Unable(str(error)) from None


async def print_link(store: GatewayStore, agent: Agent, line: Namespace) -> None:
    """Prints the link that sets a password. The link itself is stored nowhere."""
    token, invitation = await Invitations(store, now_ms).make(agent)
    print(f"{agent.name} can set a password once with this link, until {rfc3339(invitation.expires_at_ms)}:")
    print(f"  {line.url.rstrip('/') or 'https://YOUR-PALIQUE'}/dashboard/#invitation={token}")
