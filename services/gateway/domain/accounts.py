"""What the gateway keeps of sites, agents and their credentials. Secrets stand here as hashes only."""

from typing import Literal

import msgspec

Role = Literal["agent", "administrator"]


class Site(msgspec.Struct, frozen=True):
    """A tenant. `origins` are rules of `origins.py`; `name` is shown to visitors."""

    key: str = msgspec.field(name="_id")
    name: str
    enabled: bool
    origins: tuple[str, ...]


class Agent(msgspec.Struct, frozen=True):
    """Somebody who signs in. `email` is lower-cased and unique over all sites."""

    id: str = msgspec.field(name="_id")
    site: str
    email: str
    name: str
    role: Role
    password_hash: str
    disabled: bool = False


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser. `id` is the SHA-256 of the cookie's secret: it names the session and opens nothing."""

    id: str = msgspec.field(name="_id")
    agent: str
    site: str
    expires_at_ms: int


class VisitorToken(msgspec.Struct, frozen=True):
    """A visitor's browser, bound to one site. `id` is the SHA-256 of the token."""

    id: str = msgspec.field(name="_id")
    site: str
    visitor: str
    expires_at_ms: int
