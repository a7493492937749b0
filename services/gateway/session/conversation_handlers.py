"""Handlers of frames about whole conversations: start, accept, close, follow, end, the names of their visitors."""

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
from services.gateway.connection.connection import Connection
from services.gateway.connection.frame_codec import conversation_reply
from services.gateway.connection.handlers import AsyncHandler
from services.gateway.connection.peer import VISITOR, PeerIdentity
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.http.visitor_names import current_names
from services.gateway.session.append_batcher import AppendBatcher

ADMINISTRATOR: AgentRole = "administrator"


class ConversationHandlers:
    """The handlers of `start_chat`, `accept`, `close`, `follow`, `unfollow`, `end` and `name_visitors`."""

    def __init__(
        self,
        chat: ChatPool,
        presence: PresencePool,
        *,
        messages: AppendBatcher,
        hub: Hub,
        participants: ParticipantCache,
    ) -> None:
        self._chat = chat
        self._presence = presence
        self._messages = messages
        self._hub = hub
        self._participants = participants

    def async_handlers(self) -> dict[type[frames.ClientFrame], AsyncHandler]:
        return {
            frames.StartChat: self.start_chat,
            frames.Accept: self.accept,
            frames.CloseChat: self.close,
            frames.Follow: self.follow,
            frames.Unfollow: self.unfollow,
            frames.NameVisitors: self.name_visitors,
            frames.End: self.end,
        }

    async def start_chat(self, connection: Connection, identity: PeerIdentity, frame: frames.StartChat) -> None:
        """Opens a conversation with the visitor, or resumes the open one (requirement S-30: never a second open chat)."""
        visitor_request = GetVisitorRequest(site=identity.site, visitor=frame.visitor)
        visitor = (await self._presence.call(lambda stub: stub.GetVisitor, visitor_request, key=frame.visitor)).visitor
        request = StartRequest(
            site=identity.site,
            visitor=Person(kind=VISITOR, id=frame.visitor, name=visitor.name or visitor.placeholder),
            by=identity.person,
            country=visitor.origin.country,
            region=visitor.origin.region,
        )
        answer = await self._chat.call(lambda stub: stub.Start, request, key=frame.visitor)
        state = answer.conversation
        self.introduce(connection, state)
        connection.send(frames.ChatStarted(frame.ref, state.conversation, answer.resumed))

    async def accept(self, connection: Connection, identity: PeerIdentity, frame: frames.Accept) -> None:
        """Assigns a waiting conversation to the agent."""
        request = AcceptRequest(site=identity.site, conversation=frame.conversation, agent=identity.person)
        state = (await self._chat.call(lambda stub: stub.Accept, request, key=frame.conversation)).conversation
        self.introduce(connection, state)
        connection.send(conversation_reply(frame.ref, state))

    async def close(self, connection: Connection, identity: PeerIdentity, frame: frames.CloseChat) -> None:
        """Ends a conversation (requirement S-53). An administrator may end one that is assigned to another agent."""
        await self._messages.finished(frame.conversation)
        state = await self._close(identity, frame.conversation)
        connection.send(conversation_reply(frame.ref, state))

    async def end(self, connection: Connection, identity: PeerIdentity, frame: frames.End) -> None:
        """Ends the visitor's conversation. The visitor learns the result from the `closed` entry."""
        # A first message has no conversation yet.
        await self._messages.finished(frame.conversation, identity.id)
        state = await self._close(identity, frame.conversation)
        if frame.ref is not None:
            connection.send(conversation_reply(frame.ref, state))

    async def follow(self, connection: Connection, identity: PeerIdentity, frame: frames.Follow) -> None:
        """Subscribes to any conversation of the site. First in the hub, then read, so that no entry is missed between."""
        self._hub.follow(connection, frame.conversation)
        request = GetConversationRequest(site=identity.site, conversation=frame.conversation, reader=identity.person)
        try:
            answer = await self._chat.call(lambda stub: stub.GetConversation, request, key=frame.conversation)
        except Refused:
            self._hub.unfollow(connection, frame.conversation)
            raise
        self.introduce(connection, answer.conversation)
        connection.send(conversation_reply(frame.ref, answer.conversation, reads=True))

    async def unfollow(self, connection: Connection, _: PeerIdentity, frame: frames.Unfollow) -> None:
        """Ends the subscription. Entries of conversations assigned to the agent still arrive."""
        self._hub.unfollow(connection, frame.conversation)
        connection.send(frames.Reply(ref=frame.ref, ok=True, conversation=frame.conversation))

    async def name_visitors(self, connection: Connection, identity: PeerIdentity, frame: frames.NameVisitors) -> None:
        """Sends the current names of visitors of the agent's site. None while presence does not respond."""
        names = await current_names(self._presence, identity.site, frame.visitors)
        connection.send(frames.VisitorNames([frames.Person(visitor_id, name) for visitor_id, name in names.items()]))

    async def _close(self, identity: PeerIdentity, conversation: str) -> Conversation:
        request = CloseRequest(
            site=identity.site,
            conversation=conversation,
            by=identity.person,
            any_assignee=identity.role == ADMINISTRATOR,
        )
        return (await self._chat.call(lambda stub: stub.Close, request, key=conversation)).conversation

    def introduce(self, connection: Connection, state: Conversation) -> None:
        """The client learns of the conversation now, and fetches it from the start."""
        self._participants.put_state(state)
        if state.conversation not in connection.cursors.positions:
            connection.cursors.begin(state.conversation, state.epoch, 0, state.head)
