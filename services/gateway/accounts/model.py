"""What the gateway keeps of sites, agents and their credentials. Secrets stand here as hashes only."""

from typing import Literal, TypedDict

import msgspec

from kit.vocabulary import AgentRole, Language
from services.gateway.accounts.site_settings import Colours, Position, WidgetTexts


class Site(msgspec.Struct, frozen=True):
    """A tenant. `origins` are rules of `origins.py`; `name` is shown to visitors. `version` rises with every change.

    With `consent` nothing is kept of a visitor before they agreed (W-08).
    """

    key: str = msgspec.field(name="_id")
    name: str
    enabled: bool
    origins: tuple[str, ...]
    colours: Colours = Colours()
    position: Position = "right"
    consent: bool = False
    texts: dict[Language, WidgetTexts] = {}
    version: int = 0


class Agent(msgspec.Struct, frozen=True):
    """Somebody who signs in. `email` is lower-cased and unique over all sites.

    `password_hash` is empty until an invitation was taken. `photo` names the picture by its content, and is empty without one;
    `language` is empty while the browser's is right.
    """

    id: str = msgspec.field(name="_id")
    site: str
    email: str
    name: str
    role: AgentRole
    password_hash: str
    disabled: bool = False
    photo: str = ""
    language: Language | Literal[""] = ""


class AgentChanges(TypedDict, total=False):
    """What changes of an agent; what stays as it is is left out."""

    name: str
    language: str
    photo: str
    password_hash: str


class Invitation(msgspec.Struct, frozen=True):
    """A link to set a password with, once. `id` is the SHA-256 of its token."""

    id: str = msgspec.field(name="_id")
    agent: str
    site: str
    expires_at_ms: int


class Photo(msgspec.Struct, frozen=True):
    """An agent's picture, drawn anew by us. `version` names it by its content."""

    agent: str = msgspec.field(name="_id")
    site: str
    version: str
    image: bytes


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
