"""The address of a client behind trusted proxies (requirement I-24), and its country, looked up offline (S-19).

No input of a client makes these functions raise: a place that is not known is `Unknown`.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import maxminddb

from services.gateway.client_info.country_names import country_names

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOCAL = "Local"
UNKNOWN = "Unknown"
# No real set-up has a longer chain of proxies; a longer header is forged.
MAX_HOPS = 20


class GeoPlace(NamedTuple):
    """`country` is ISO 3166-1 alpha-2, empty when unknown or local; `region` is a display name, never empty."""

    country: str
    region: str


class GeoIp:
    """Countries from a MaxMind database with records `{"country_code": "ES"}`; without one, only local addresses have a place."""

    def __init__(self, database: str = "") -> None:
        """Raises OSError or maxminddb.InvalidDatabaseError when the file is not a database."""
        self._reader = maxminddb.open_database(database) if database else None
        self._names = country_names("en")

    def locate(self, ip: str) -> GeoPlace:
        """The place of an address. Loopback, private and link-local addresses are `Local`."""
        address = _parse(ip)
        if address is None:
            return GeoPlace("", UNKNOWN)
        if address.is_loopback or address.is_private or address.is_link_local:
            return GeoPlace("", LOCAL)
        country = self._country(address)
        return GeoPlace(country, self._names.get(country, UNKNOWN)) if country else GeoPlace("", UNKNOWN)

    def close(self) -> None:
        """Unmaps the database file."""
        if self._reader is not None:
            self._reader.close()

    def _country(self, address: Address) -> str:
        try:
            record = self._reader.get(address) if self._reader is not None else None
        except ValueError:  # an IPv6 address, and the database has only IPv4
            return ""
        code = record.get("country_code") if isinstance(record, dict) else None
        return code if isinstance(code, str) and code in self._names else ""


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks from settings such as `10.0.0.0/8`. The ValueError names the invalid one."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def client_address(scope: Mapping[str, Any], trusted_proxies: Sequence[Network]) -> str:
    """The address of the client of an ASGI scope; empty when the server does not know it.

    `X-Forwarded-For` counts only as far as trusted proxies wrote it. Read from the right, the first address that is not a trusted proxy's
    is the client's. The client can forge everything left of it.
    """
    client = scope.get("client")
    peer = _parse(client[0]) if client else None
    if peer is None:
        return ""
    for hop in _forwarded(scope):
        if not _is_trusted(peer, trusted_proxies):
            break
        address = _parse(hop)
        if address is None:
            break
        peer = address
    return str(peer)


def client_network(address: str) -> str:
    """The key for rate limits per client: the IPv4 address, or the /64 of an IPv6 address, which one customer gets as a whole."""
    parsed = _parse(address)
    return address if parsed is None else _network(parsed)


def counted_network(address: str, trusted_proxies: Sequence[Network]) -> str | None:
    """As `client_network`, for the peer of a TCP connection; None for a trusted proxy, which connects for many clients."""
    parsed = _parse(address)
    if parsed is None or _is_trusted(parsed, trusted_proxies):
        return None
    return _network(parsed)


def is_loopback(address: str) -> bool:
    """Whether the address is this machine."""
    parsed = _parse(address)
    return parsed is not None and parsed.is_loopback


def _forwarded(scope: Mapping[str, Any]) -> list[str]:
    """The hops of X-Forwarded-For, from the nearest to the farthest."""
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return ",".join(values).split(",")[-MAX_HOPS:][::-1]


def _network(address: Address) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)


def _parse(text: str) -> Address | None:
    """None for an invalid address. An IPv4-mapped IPv6 address becomes the IPv4 address."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
