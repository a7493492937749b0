"""Names that resolve on this machine, or not."""

import asyncio
import socket
from collections.abc import Iterable

from commands.checks.failure import CheckFailed
from kit.runtime.http_server import split_address

# A resolver that is there answers in milliseconds; the C library repeats its question after five seconds.
RESOLVE_S = 4.0


async def unresolved(hosts: Iterable[str]) -> list[str]:
    """Those of the hosts that have no address here."""
    some = list(dict.fromkeys(hosts))
    found = await asyncio.gather(*map(_resolves, some))
    return [host for host, resolves in zip(some, found, strict=True) if not resolves]


async def require_names(hosts: Iterable[str], setting: str) -> None:
    """CheckFailed for the first host of the setting that has no address here."""
    for host in await unresolved(hosts):
        raise CheckFailed(f"{setting} names {host}, which does not resolve here; correct it, or add the name to DNS")


async def require_address(address: str, setting: str) -> None:
    """As `require_names`, for `host:port`."""
    try:
        host, _ = split_address(address)
    except ValueError as error:
        raise CheckFailed(f"{setting}: {error}") from None
    await require_names([host], setting)


async def _resolves(host: str) -> bool:
    try:
        async with asyncio.timeout(RESOLVE_S):
            await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return False
    return True
