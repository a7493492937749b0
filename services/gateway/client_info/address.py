"""Where a client is: its address as trusted proxies tell it (I-24), and the country of that address, looked up offline (S-19).

Neither raises for anything that a client can send: what is not known is `Unknown`.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import maxminddb
from babel import Locale

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOCAL = "Local"
UNKNOWN = "Unknown"
# A chain of more proxies than this is nobody's set-up but a forged header.
MAX_HOPS = 20


class GeoPlace(NamedTuple):
    """`country` is ISO 3166-1 alpha-2, empty when unknown or local; `region` is a name for people, never empty."""

    country: str
    region: str


class GeoIp:
    """Countries from a MaxMind database with records `{"country_code": "ES"}`; without one, only what is local is known."""

    def __init__(self, database: str = "") -> None:
        """OSError or maxminddb.InvalidDatabaseError when the file is not one."""
        self._reader = maxminddb.open_database(database) if database else None
        self._names: Mapping[str, str] = Locale("en").territories

    def locate(self, ip: str) -> GeoPlace:
        """The place of a textual address; loopback, private and link-local ones are `Local`."""
        address = _parsed(ip)
        if address is None:
            return GeoPlace("", UNKNOWN)
        if address.is_loopback or address.is_private or address.is_link_local:
            return GeoPlace("", LOCAL)
        country = self._country(address)
        return GeoPlace(country, self._names.get(country, UNKNOWN)) if country else GeoPlace("", UNKNOWN)

    def close(self) -> None:
        """Unmaps the file."""
        if self._reader is not None:
            self._reader.close()

    def _country(self, address: Address) -> str:
        try:
            record = self._reader.get(address) if self._reader is not None else None
        except ValueError:  # an IPv6 address in a database of IPv4
            return ""
        code = record.get("country_code") if isinstance(record, dict) else None
        return code if isinstance(code, str) and code in self._names else ""


def networks(written: Sequence[str]) -> tuple[Network, ...]:
    """Networks from settings such as `10.0.0.0/8`; ValueError names the one that is none."""
    return tuple(ipaddress.ip_network(item) for item in written)


def client_address(scope: Mapping[str, Any], trusted_proxies: Sequence[Network]) -> str:
    """The address of the client of an ASGI scope, empty when the server does not know it.

    `X-Forwarded-For` counts only as far as trusted proxies wrote it: read from the right, the first address that is
    not a trusted proxy's is the client's, and what stands left of it is the client's own claim.
    """
    client = scope.get("client")
    peer = _parsed(client[0]) if client else None
    if peer is None:
        return ""
    for hop in _forwarded(scope):
        if not _trusted(peer, trusted_proxies):
            break
        address = _parsed(hop)
        if address is None:
            break
        peer = address
    return str(peer)


def household(address: str) -> str:
    """What one customer of a network has: the address, or the /64 that an IPv6 address lies in. For counting."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
    return address


def is_loopback(address: str) -> bool:
    """Whether it is this machine."""
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


def _forwarded(scope: Mapping[str, Any]) -> list[str]:
    """The hops from the nearest to the farthest."""
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return ",".join(values).split(",")[-MAX_HOPS:][::-1]


def _trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)


def _parsed(text: str) -> Address | None:
    """An IPv4 address inside an IPv6 one comes out as itself."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
