"""Route of what happens on a site now: open chats and visitors. An administrator reads it before switching live chat off (S-03)."""

import asyncio

import msgspec
from palique.chat.v1 import chat_pb2
from palique.presence.v1 import presence_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.problems import Guard, json_response

# Visitors in one answer of presence, so that no answer is too large.
PAGE_SIZE = 5000


class SiteActivity(msgspec.Struct, frozen=True):
    """`waiting` of the `open_chats` have no agent yet. `visitors` are online now, so their pages show the chat."""

    open_chats: int
    waiting: int
    visitors: int


class SiteActivityRoutes:
    """`/api/v1/site/activity`."""

    def __init__(self, backends: Backends) -> None:
        self._chat = backends.chat
        self._presence = backends.presence

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [guard.route("/api/v1/site/activity", {"GET": signed_in(self._read)})]

    async def _read(self, _: Request, agent: AgentIdentity) -> Response:
        call = chat_pb2.CountOpenRequest(site=agent.site_key)
        chats, visitors = await asyncio.gather(
            self._chat.call(lambda stub: stub.CountOpen, call, key=agent.site_key), self._online(agent.site_key)
        )
        return json_response(SiteActivity(chats.waiting + chats.active, chats.waiting, visitors))

    async def _online(self, site_key: str) -> int:
        call = presence_pb2.ListOnlineRequest(site=site_key, page_size=PAGE_SIZE)
        online: set[str] = set()
        while True:
            page = await self._presence.call(lambda stub: stub.ListOnline, call, key=site_key)
            online |= {row.visitor for row in page.rows}
            online -= {gone.visitor for gone in page.gone}
            if not page.next_page_token:
                return len(online)
            call.page_token = page.next_page_token
