"""Handlers of frames that move a conversation between agents and the queue. They need the site's setting `teams`."""

from collections.abc import Awaitable, Callable

from palique.chat.v1.routing_pb2 import ReleaseRequest, TakeOverRequest

from kit.codes import Code, Refused
from services.gateway.accounts.model import Site
from services.gateway.backends import RoutingPool
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.frame_codec import conversation_reply
from services.gateway.connection.handlers import AsyncHandler
from services.gateway.connection.peer import PeerIdentity
from services.gateway.session.append_batcher import AppendBatcher
from services.gateway.session.conversation_handlers import ADMINISTRATOR, ConversationHandlers


class RoutingHandlers:
    """The handlers of `release` and `take_over`. `site` returns the settings of a site, None for an unknown one."""

    def __init__(
        self,
        routing: RoutingPool,
        conversations: ConversationHandlers,
        *,
        messages: AppendBatcher,
        site: Callable[[str], Awaitable[Site | None]],
    ) -> None:
        self._routing = routing
        self._conversations = conversations
        self._messages = messages
        self._site = site

    def async_handlers(self) -> dict[type[frames.ClientFrame], AsyncHandler]:
        return {frames.Release: self.release, frames.TakeOver: self.take_over}

    async def release(self, connection: Connection, identity: PeerIdentity, frame: frames.Release) -> None:
        """Puts the agent's conversation back into the queue."""
        await self._check_teams(identity.site)
        await self._messages.finished(frame.conversation)
        request = ReleaseRequest(site=identity.site, conversation=frame.conversation, agent=identity.person, teams=True)
        answer = await self._routing.call(lambda stub: stub.Release, request, key=frame.conversation)
        self._conversations.introduce(connection, answer.conversation)
        connection.send(conversation_reply(frame.ref, answer.conversation))

    async def take_over(self, connection: Connection, identity: PeerIdentity, frame: frames.TakeOver) -> None:
        """Assigns the conversation of another agent to an administrator."""
        await self._check_teams(identity.site)
        request = TakeOverRequest(
            site=identity.site,
            conversation=frame.conversation,
            agent=identity.person,
            teams=True,
            any_assignee=identity.role == ADMINISTRATOR,
        )
        answer = await self._routing.call(lambda stub: stub.TakeOver, request, key=frame.conversation)
        self._conversations.introduce(connection, answer.conversation)
        connection.send(conversation_reply(frame.ref, answer.conversation))

    async def _check_teams(self, site_key: str) -> None:
        site = await self._site(site_key)
        if site is None or not site.teams:
            raise Refused(Code.SWITCHED_OFF, "The site's setting teams is off.")
