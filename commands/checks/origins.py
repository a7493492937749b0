"""The check of the addresses at which browsers reach Palique."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from commands.checks.dns import unresolved
from commands.checks.failure import CheckFailed
from kit.config.origin import public_origin_fault

SETTING = "PALIQUE_PUBLIC_ORIGINS"


async def check(origins: Sequence[str], *, secure_cookies: bool, public: bool) -> str:
    """CheckFailed for the first that browsers cannot use. `public`: the names must resolve too."""
    for origin in origins:
        if fault := public_origin_fault(origin, secure_cookies=secure_cookies):
            raise CheckFailed(f"{SETTING}: {fault}")
    hosts = [urlsplit(origin).hostname or "" for origin in origins] if public else []
    if missing := await unresolved(hosts):
        raise CheckFailed(
            f"{SETTING} names {missing[0]}, which does not resolve here, so browsers may not find it; "
            "correct it, or add the name to DNS"
        )
    return ", ".join(origins)
