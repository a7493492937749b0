"""Checks web origins against a site's rules (requirement I-23). Pure.

A rule is an exact origin such as `https://shop.example`, or `loopback` for any port of this machine.
"""

import ipaddress
from collections.abc import Iterable

from kit.config.origin import parse_origin

LOOPBACK = "loopback"
# For refusals that a proxy may have caused.
HOST_HINT = "A proxy must pass the header Host on unchanged."


def allowed(text: str | None, rules: Iterable[str]) -> bool:
    """True when one of the rules permits the origin."""
    origin = parse_origin(text)
    if origin is None:
        return False
    return any(_loopback(origin.host) if rule == LOOPBACK else parse_origin(rule) == origin for rule in rules)


def same_origin(text: str | None, host: str) -> bool:
    """True when a request with this `Host` went to the origin.

    Only the host and the port count: behind a proxy that terminates TLS the server does not know the scheme.
    """
    origin = parse_origin(text)
    return origin is not None and parse_origin(f"{origin.scheme}://{host}") == origin


class PublicOrigins:
    """The origins at which browsers reach this installation, from the settings. Without any, in development, every host is served."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._origins = frozenset(filter(None, map(parse_origin, texts)))

    @property
    def use_https(self) -> bool:
        """True when browsers use HTTPS for all of them."""
        return bool(self._origins) and all(origin.scheme == "https" for origin in self._origins)

    def serves(self, host: str) -> bool:
        """True for the `Host` of a request to one of them."""
        return not self._origins or any(parse_origin(f"{origin.scheme}://{host}") == origin for origin in self._origins)

    def contains(self, text: str | None) -> bool:
        """True for one of these origins."""
        return not self._origins or parse_origin(text) in self._origins


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
