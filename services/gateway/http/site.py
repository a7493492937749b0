"""Routes of a site's settings: its agents read them, its administrators change them (requirements S-03, W-08)."""

from typing import Annotated, Protocol

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.vocabulary import LANGUAGES, Language
from services.gateway.accounts import site_settings, validation
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.model import Site
from services.gateway.accounts.site_settings import Colours, Position, WidgetTexts, text_on
from services.gateway.accounts.store import GatewayStore
from services.gateway.http.auth import SignedIn, require_administrator
from services.gateway.http.problems import Conflict, Guard, json_response
from services.gateway.http.request_body import Version, read_json


class SiteChanges(Protocol):
    """Announces a changed site to all gateways. Does not raise while the bus is away."""

    async def announce(self, site_key: str, /) -> None: ...


class SitePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Absent fields do not change. `texts` replaces the texts of the languages that it contains."""

    version: Version
    name: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    origins: tuple[str, ...] | UnsetType = UNSET
    colours: Colours | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    consent: bool | UnsetType = UNSET
    teams: bool | UnsetType = UNSET
    texts: dict[Language, WidgetTexts] | UnsetType = UNSET


class SiteColours(msgspec.Struct, frozen=True):
    """`#rrggbb`, for the light and the dark theme."""

    light: str
    dark: str


class SiteTexts(msgspec.Struct, frozen=True):
    """The site's texts of the widget in one language; an empty one is the widget's own."""

    title: str
    online: str
    offline: str


TextsByLanguage = Annotated[
    dict[Language, SiteTexts],
    msgspec.Meta(extra_json_schema={"propertyNames": {"enum": list(LANGUAGES)}, "required": list(LANGUAGES)}),
]


class SiteSettings(msgspec.Struct, frozen=True):
    """A site as its agents see it."""

    site: str
    version: int
    name: str
    enabled: bool
    origins: list[str]
    colours: SiteColours
    position: Position
    consent: bool
    teams: bool
    texts: TextsByLanguage


class Colour(msgspec.Struct, frozen=True):
    """A background, and black or white for the text on it."""

    background: str
    text: str


class ThemeColours(msgspec.Struct, frozen=True):
    """The colours of the light and the dark theme."""

    light: Colour
    dark: Colour


class PublicSite(msgspec.Struct, frozen=True):
    """A site as every visitor sees it."""

    key: str
    name: str
    colours: ThemeColours
    position: Position
    consent: bool
    texts: TextsByLanguage


class SiteRoutes:
    """`/api/v1/site`."""

    def __init__(self, store: GatewayStore, changes: SiteChanges) -> None:
        self._store = store
        self._changes = changes

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [guard.route("/api/v1/site", {"GET": signed_in(self._read), "PATCH": signed_in(self._change)})]

    async def _read(self, _: Request, agent: AgentIdentity) -> Response:
        return json_response(site_json(await self._site(agent.site_key)))

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        require_administrator(agent)
        body = await read_json(request, SitePatch)
        site = changed(await self._site(agent.site_key), body)
        if not await self._store.change_site(site, body.version):
            refused = Refused(Code.CONFLICT, "The settings have changed. Repeat your change on the current ones.")
            raise Conflict(refused, site_json(await self._site(agent.site_key)))
        await self._changes.announce(agent.site_key)
        return json_response(site_json(site))

    async def _site(self, site_key: str) -> Site:
        found = await self._store.site(site_key)
        if found is None:
            raise Refused(Code.NOT_FOUND, "There is no such site.")
        return found


def changed(site: Site, body: SitePatch) -> Site:
    """The site with the changes of the body, at the next version. Refuses bad values (invalid)."""
    given = {name: getattr(body, name) for name in body.__struct_fields__ if name != "version"}
    values = {name: value for name, value in given.items() if value is not UNSET}
    try:
        if "name" in values:
            values["name"] = validation.name(values["name"])
        if "origins" in values:
            values["origins"] = site_settings.origins(values["origins"])
        if "colours" in values:
            colours = values["colours"]
            values["colours"] = Colours(site_settings.colour(colours.light), site_settings.colour(colours.dark))
        if "texts" in values:
            new = {language: site_settings.texts(texts) for language, texts in values["texts"].items()}
            values["texts"] = {**site.texts, **new}
    except ValueError as error:
        raise Refused(Code.INVALID, f"The settings do not fit: {error}.") from None
    return msgspec.structs.replace(site, **values, version=body.version + 1)


def site_json(site: Site) -> SiteSettings:
    return SiteSettings(
        site=site.key,
        version=site.version,
        name=site.name,
        enabled=site.enabled,
        origins=list(site.origins),
        colours=SiteColours(site.colours.light, site.colours.dark),
        position=site.position,
        consent=site.consent,
        teams=site.teams,
        texts=_texts_json(site),
    )


def public_json(site: Site) -> PublicSite:
    light, dark = site.colours.light, site.colours.dark
    return PublicSite(
        key=site.key,
        name=site.name,
        colours=ThemeColours(Colour(light, text_on(light)), Colour(dark, text_on(dark))),
        position=site.position,
        consent=site.consent,
        texts=_texts_json(site),
    )


def _texts_json(site: Site) -> dict[Language, SiteTexts]:
    texts = {language: site.texts.get(language, WidgetTexts()) for language in LANGUAGES}
    return {language: SiteTexts(one.title, one.online, one.offline) for language, one in texts.items()}
