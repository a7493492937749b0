"""Routes of a site's first steps, a checklist for its administrators."""

import msgspec
from palique.chat.v1 import chat_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.times import rfc3339
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.model import WidgetLoad
from services.gateway.accounts.origins import allowed
from services.gateway.accounts.store import GatewayStore
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn, require_administrator
from services.gateway.http.problems import Guard, json_response, no_content
from services.gateway.http.request_body import read_json


class WidgetPage(msgspec.Struct, frozen=True):
    """An origin whose page loaded the widget, and when it last did."""

    origin: str
    at: str


class SiteFirstSteps(msgspec.Struct, frozen=True):
    """`seen`: the newest load of the widget by a page of the site. `refused`: pages of other origins, newest first. `tried`: there
    is a chat. `invited`: there is a second agent. `introduced`: the caller has a photo.
    """

    dismissed: bool
    seen: WidgetPage | None
    refused: list[WidgetPage]
    tried: bool
    invited: bool
    introduced: bool


class FirstStepsPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`dismissed` hides the checklist from all administrators of the site."""

    dismissed: bool


class FirstStepRoutes:
    """`/api/v1/site/first-steps`."""

    def __init__(self, store: GatewayStore, backends: Backends) -> None:
        self._store = store
        self._chat = backends.chat

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        handlers = {"GET": signed_in(self._read), "PATCH": signed_in(self._change)}
        return [guard.route("/api/v1/site/first-steps", handlers)]

    async def _read(self, _: Request, agent: AgentIdentity) -> Response:
        require_administrator(agent)
        site_key = agent.site_key
        steps = await self._store.first_steps.read(site_key)
        site = await self._store.site(site_key)
        origins = site.origins if site is not None else ()
        call = chat_pb2.ListConversationsRequest(site=site_key, limit=1)
        chats = await self._chat.call(lambda stub: stub.ListConversations, call, key=site_key)
        found = SiteFirstSteps(
            dismissed=steps.dismissed,
            seen=_page_json(steps.seen) if steps.seen is not None else None,
            refused=[_page_json(load) for load in steps.refused if not allowed(load.origin, origins)],
            tried=len(chats.conversations) > 0,
            invited=len(await self._store.all_agents(site_key)) > 1,
            introduced=bool(agent.photo),
        )
        return json_response(found)

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        require_administrator(agent)
        body = await read_json(request, FirstStepsPatch)
        await self._store.first_steps.put_dismissed(agent.site_key, dismissed=body.dismissed)
        return no_content()


def _page_json(load: WidgetLoad) -> WidgetPage:
    return WidgetPage(load.origin, rfc3339(load.at_ms))
