"""Which web origins may do what (I-23). Pure: text in, yes or no out.

A site's rules are exact origins such as `https://shop.example`, or the word `loopback`: any port of this machine.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import NamedTuple

LOOPBACK = "loopback"
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What browsers send: ASCII, no path, no user. Anything else (also `null`, of sandboxed pages and files) is no origin.
_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?", re.ASCII | re.IGNORECASE)
# No host name is longer.
_LONGEST = 300


class Origin(NamedTuple):
    """An origin with its port always written out."""

    scheme: str
    host: str
    port: int


def parse_origin(text: str | None) -> Origin | None:
    """None for what is no web origin."""
    if text is None or len(text) > _LONGEST:
        return None
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    # Lowered only now: outside ASCII, letters of other scripts become Latin ones.
    scheme, host, port = match[1].lower(), match[2].lower(), match[3]
    return Origin(scheme, host, int(port) if port else _DEFAULT_PORTS[scheme])


def allowed(text: str | None, rules: Iterable[str]) -> bool:
    """Whether one of a site's rules names this origin."""
    origin = parse_origin(text)
    if origin is None:
        return False
    return any(_loopback(origin.host) if rule == LOOPBACK else parse_origin(rule) == origin for rule in rules)


def same_origin(text: str | None, host: str) -> bool:
    """Whether the origin is the one that a request with this `Host` was sent to.

    The scheme is the origin's own: behind a proxy that ends TLS the server does not know it, and the host decides.
    """
    origin = parse_origin(text)
    return origin is not None and parse_origin(f"{origin.scheme}://{host}") == origin


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
