"""What people do with a conversation beside writing in it: start, accept, close, follow, end."""

from palique.chat.v1.chat_pb2 import (
    AcceptRequest,
    CloseRequest,
    Conversation,
    GetConversationRequest,
    Person,
    StartRequest,
)
from palique.presence.v1.presence_pb2 import GetVisitorRequest

from kit.codes import Refused
from kit.vocabulary import AgentRole
from services.gateway.backends import ChatPool, PresencePool
from services.gateway.connection import frames
from services.gateway.connection.connection import VISITOR, Connection, PeerIdentity
from services.gateway.connection.frame_codec import conversation_reply
from services.gateway.connection.handlers import AsyncHandler
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.participants import ParticipantCache

ADMINISTRATOR: AgentRole = "administrator"


class ConversationHandlers:
    """The handlers of `start_chat`, `accept`, `close`, `follow`, `unfollow` and `end`."""

    def __init__(
        self,
        chat: ChatPool,
        presence: PresencePool,
        *,
        hub: Hub,
        directory: ParticipantCache,
    ) -> None:
        self._chat = chat
        self._presence = presence
        self._hub = hub
        self._directory = directory

    def async_handlers(self) -> dict[type[frames.ClientFrame], AsyncHandler]:
        return {
            frames.StartChat: self.start_chat,
            frames.Accept: self.accept,
            frames.CloseChat: self.close,
            frames.Follow: self.follow,
            frames.Unfollow: self.unfollow,
            frames.End: self.end,
        }

    async def start_chat(self, link: Connection, who: PeerIdentity, frame: frames.StartChat) -> None:
        """Opens the visitor's conversation or resumes the open one (S-30)."""
        visitor_request = GetVisitorRequest(site=who.site, visitor=frame.visitor)
        visitor = (await self._presence.call(lambda stub: stub.GetVisitor, visitor_request, key=frame.visitor)).visitor
        request = StartRequest(
            site=who.site,
            visitor=Person(kind=VISITOR, id=frame.visitor, name=visitor.name or visitor.placeholder),
            by=who.person,
            country=visitor.origin.country,
            region=visitor.origin.region,
        )
        answer = await self._chat.call(lambda stub: stub.Start, request, key=frame.visitor)
        state = answer.conversation
        self._take_note(link, state)
        link.send(frames.ChatStarted(frame.ref, state.conversation, answer.resumed))

    async def accept(self, link: Connection, who: PeerIdentity, frame: frames.Accept) -> None:
        """Makes a waiting conversation the agent's."""
        request = AcceptRequest(site=who.site, conversation=frame.conversation, agent=who.person)
        state = (await self._chat.call(lambda stub: stub.Accept, request, key=frame.conversation)).conversation
        self._take_note(link, state)
        link.send(conversation_reply(frame.ref, state))

    async def close(self, link: Connection, who: PeerIdentity, frame: frames.CloseChat) -> None:
        """Ends a conversation (S-53); administrators also one that is not theirs."""
        state = await self._close(who, frame.conversation)
        link.send(conversation_reply(frame.ref, state))

    async def end(self, link: Connection, who: PeerIdentity, frame: frames.End) -> None:
        """The visitor ends their own; the entry tells them."""
        state = await self._close(who, frame.conversation)
        if frame.ref is not None:
            link.send(conversation_reply(frame.ref, state))

    async def follow(self, link: Connection, who: PeerIdentity, frame: frames.Follow) -> None:
        """Entries of any conversation of the site from here on; first in the hub, then read, so that none falls between."""
        self._hub.follow(link, frame.conversation)
        request = GetConversationRequest(site=who.site, conversation=frame.conversation, reader=who.person)
        try:
            answer = await self._chat.call(lambda stub: stub.GetConversation, request, key=frame.conversation)
        except Refused:
            self._hub.unfollow(link, frame.conversation)
            raise
        self._take_note(link, answer.conversation)
        link.send(conversation_reply(frame.ref, answer.conversation, reads=True))

    async def unfollow(self, link: Connection, _: PeerIdentity, frame: frames.Unfollow) -> None:
        """No longer; what is one's own still comes."""
        self._hub.unfollow(link, frame.conversation)
        link.send(frames.Reply(ref=frame.ref, ok=True, conversation=frame.conversation))

    async def _close(self, who: PeerIdentity, conversation: str) -> Conversation:
        request = CloseRequest(
            site=who.site, conversation=conversation, by=who.person, any_assignee=who.role == ADMINISTRATOR
        )
        return (await self._chat.call(lambda stub: stub.Close, request, key=conversation)).conversation

    def _take_note(self, link: Connection, state: Conversation) -> None:
        """The client hears of the conversation now and reads it from the start."""
        self._directory.put_state(state)
        if state.conversation not in link.cursors.positions:
            link.cursors.begin(state.conversation, state.epoch, 0, state.head)
