"""Web origins: what is one, and which serve as a public address of Palique. Pure."""

import re
from typing import NamedTuple

DEFAULT_PORTS = {"http": 80, "https": 443}
# As browsers send it: ASCII, no path, no user. `null`, of sandboxed pages and files, is no origin.
_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?", re.ASCII | re.IGNORECASE)
# An origin with more behind it, as an address bar shows it.
_LONGER = re.compile(rf"({_ORIGIN.pattern})[/?#]\S*", re.ASCII | re.IGNORECASE)
# No host name is longer.
_MAX_LENGTH = 300
EXAMPLE = "https://chat.example.com"


class Origin(NamedTuple):
    """An origin with an explicit port."""

    scheme: str
    host: str
    port: int


def parse_origin(text: str | None) -> Origin | None:
    """None for text that is no web origin."""
    if text is None or len(text) > _MAX_LENGTH:
        return None
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    # Lower-case after the match: some letters outside ASCII become Latin ones.
    scheme, host, port = match[1].lower(), match[2].lower(), match[3]
    return Origin(scheme, host, int(port) if port else DEFAULT_PORTS[scheme])


def public_origin_fault(text: str, *, secure_cookies: bool) -> str | None:
    """Why browsers cannot use Palique at this origin, and what to write instead; None when they can."""
    if longer := _LONGER.fullmatch(text):
        return f"{text[:_MAX_LENGTH]} has a path; write {longer[1]}: Palique needs the root of a host"
    origin = parse_origin(text)
    if origin is None:
        return f"{text[:_MAX_LENGTH]!r} is no origin; write one like {EXAMPLE}"
    if secure_cookies and origin.scheme == "http":
        return (
            f"{text} is http, over which browsers send no session cookie of production; "
            f"write https://{text.partition('://')[2]}, with a certificate in the proxy"
        )
    return None
