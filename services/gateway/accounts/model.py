"""Records of the gateway: sites, agents and their credentials. Secrets are stored as hashes only."""

from typing import Literal, TypedDict

import msgspec

from kit.vocabulary import AgentRole, Language
from services.gateway.accounts.site_settings import Colours, Position, WidgetTexts


class Site(msgspec.Struct, frozen=True):
    """A tenant. `origins` are rules of `origins.py`; visitors see `name`; `version` rises with every change.

    With `consent`, nothing about visitors is stored before they agree (requirement W-08). With `teams`, chats go back to the queue and
    are taken over, with entries that versions before them skip.
    """

    key: str = msgspec.field(name="_id")
    name: str
    enabled: bool
    origins: tuple[str, ...]
    colours: Colours = Colours()
    position: Position = "right"
    consent: bool = False
    teams: bool = False
    texts: dict[Language, WidgetTexts] = {}
    version: int = 0


class Agent(msgspec.Struct, frozen=True):
    """A user of the dashboard. `email` is in its comparable form (`kit/text/email.py`) and unique across sites.

    `password_hash` is empty until the agent accepts an invitation. `photo` is the version of the photo, empty without one.
    `language` is empty for the browser's language.
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
    """Fields of an agent to change; absent fields do not change."""

    name: str
    language: str
    photo: str
    password_hash: str


class Invitation(msgspec.Struct, frozen=True):
    """A link to set a password once. `id` is the SHA-256 of its token."""

    id: str = msgspec.field(name="_id")
    agent_id: str = msgspec.field(name="agent")
    site_key: str = msgspec.field(name="site")
    expires_at_ms: int


class WidgetLoad(msgspec.Struct, frozen=True):
    """An origin whose page loaded the widget, and when it last did."""

    origin: str
    at_ms: int


class FirstSteps(msgspec.Struct, frozen=True):
    """What a site has of its first steps. `seen` is the newest load by a page of the site; `refused` are other origins, newest first."""

    site_key: str = msgspec.field(name="_id")
    seen: WidgetLoad | None = None
    refused: tuple[WidgetLoad, ...] = ()
    dismissed: bool = False


class SetupCode(msgspec.Struct, frozen=True):
    """The one code that opens the set-up of an installation without a site. `hash` is the SHA-256 of its plain form."""

    hash: str
    expires_at_ms: int


class Photo(msgspec.Struct, frozen=True):
    """An agent's photo as the gateway redrew it. `version` identifies its content."""

    agent_id: str = msgspec.field(name="_id")
    site_key: str = msgspec.field(name="site")
    version: str
    image: bytes


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser. `id` is the SHA-256 of the cookie's secret, so it is no secret itself.

    `address` and `user_agent` are those of the sign-in. Sessions of earlier versions have no times. `proven_at_ms`: when its holder last
    entered the password again.
    """

    id: str = msgspec.field(name="_id")
    agent_id: str = msgspec.field(name="agent")
    site_key: str = msgspec.field(name="site")
    expires_at_ms: int
    created_at_ms: int = 0
    seen_at_ms: int = 0
    proven_at_ms: int = 0
    address: str = ""
    user_agent: str = ""


class Device(msgspec.Struct, frozen=True):
    """A browser that an agent signed in with. `id` is the SHA-256 of the device cookie's secret."""

    id: str = msgspec.field(name="_id")
    agent_id: str = msgspec.field(name="agent")
    expires_at_ms: int


class VisitorToken(msgspec.Struct, frozen=True):
    """A visitor's browser on one site. `id` is the SHA-256 of the token."""

    id: str = msgspec.field(name="_id")
    site_key: str = msgspec.field(name="site")
    visitor_id: str = msgspec.field(name="visitor")
    expires_at_ms: int
