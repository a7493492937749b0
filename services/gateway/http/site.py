"""A site's settings: read by its agents, written by its administrators (S-03, W-08)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.vocabulary import LANGUAGES, Language
from services.gateway.accounts import site_settings, validation
from services.gateway.accounts.identity import AgentIdentity, Identities
from services.gateway.accounts.model import Site
from services.gateway.accounts.site_settings import Colours, Position, WidgetTexts, text_on
from services.gateway.http.auth import SignedIn, require_administrator
from services.gateway.http.problems import Conflict, Guard, json_response
from services.gateway.http.records import SiteChanges, SiteRecords
from services.gateway.http.request_body import Version, read_json


class SitePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is absent stays. `texts` replaces the languages that it names."""

    version: Version
    name: str | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET
    origins: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    colours: Colours | msgspec.UnsetType = msgspec.UNSET
    position: Position | msgspec.UnsetType = msgspec.UNSET
    consent: bool | msgspec.UnsetType = msgspec.UNSET
    texts: dict[Language, WidgetTexts] | msgspec.UnsetType = msgspec.UNSET


class SiteRoutes:
    """`/api/v1/site`."""

    def __init__(self, sites: SiteRecords, identities: Identities, changes: SiteChanges) -> None:
        self._sites = sites
        self._identities = identities
        self._changes = changes

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [guard.route("/api/v1/site", {"GET": signed_in(self._read), "PATCH": signed_in(self._change)})]

    async def _read(self, _: Request, agent: AgentIdentity) -> Response:
        return json_response(site_json(await self._site(agent.site)))

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        require_administrator(agent)
        body = await read_json(request, SitePatch)
        site = changed(await self._site(agent.site), body)
        if not await self._sites.change_site(site, body.version):
            refused = Refused(Code.CONFLICT, "Somebody changed the settings first.")
            raise Conflict(refused, site_json(await self._site(agent.site)))
        await self._changes.announce(agent.site)
        return json_response(site_json(site))

    async def _site(self, key: str) -> Site:
        found = await self._sites.site(key)
        if found is None:
            raise Refused(Code.NOT_FOUND, "There is no such site.")
        return found


def changed(site: Site, body: SitePatch) -> Site:
    """The site with what the body sets, a version further; `invalid` names what cannot be."""
    given = {name: getattr(body, name) for name in body.__struct_fields__ if name != "version"}
    values = {name: value for name, value in given.items() if value is not msgspec.UNSET}
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


def site_json(site: Site) -> dict[str, Any]:
    """A site as its agents see it."""
    return {
        "site": site.key,
        "version": site.version,
        "name": site.name,
        "enabled": site.enabled,
        "origins": list(site.origins),
        "colours": {"light": site.colours.light, "dark": site.colours.dark},
        "position": site.position,
        "consent": site.consent,
        "texts": _texts_json(site),
    }


def public_json(site: Site) -> dict[str, Any]:
    """A site as everybody sees it."""
    light, dark = site.colours.light, site.colours.dark
    return {
        "key": site.key,
        "name": site.name,
        "colours": {
            "light": {"background": light, "text": text_on(light)},
            "dark": {"background": dark, "text": text_on(dark)},
        },
        "position": site.position,
        "consent": site.consent,
        "texts": _texts_json(site),
    }


def _texts_json(site: Site) -> dict[str, Any]:
    return {language: msgspec.to_builtins(site.texts.get(language, WidgetTexts())) for language in LANGUAGES}
