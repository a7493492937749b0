"""Cache of the participants of conversations, filled from hints and answers, so that typing and read marks need no call each."""

from typing import NamedTuple

from palique.chat.v1.chat_pb2 import Conversation, GetConversationRequest

from kit.codes import Code, Refused
from services.gateway.backends import ChatPool
from services.gateway.connection.peer import VISITOR, PeerIdentity

# More than the active conversations of one gateway; an evicted one is read again.
MAX_CACHED = 20_000


class Participants(NamedTuple):
    """`assignee_id` is empty while no agent has the conversation."""

    visitor_id: str
    assignee_id: str


class ParticipantCache:
    """Participants by site key and conversation id. The oldest are evicted."""

    def __init__(self, chat: ChatPool) -> None:
        self._chat = chat
        self._cached: dict[tuple[str, str], Participants] = {}

    def put(self, site_key: str, conversation_id: str, visitor_id: str, assignee_id: str) -> None:
        self._cached.pop((site_key, conversation_id), None)
        self._cached[site_key, conversation_id] = Participants(visitor_id, assignee_id)
        if len(self._cached) > MAX_CACHED:
            del self._cached[next(iter(self._cached))]

    def put_state(self, state: Conversation) -> None:
        self.put(state.site, state.conversation, state.visitor.id, state.assignee.id)

    def forget_site(self, site_key: str) -> None:
        """Drops the conversations of a site whose hints are no longer received."""
        for key in [key for key in self._cached if key[0] == site_key]:
            del self._cached[key]

    async def get(self, identity: PeerIdentity, conversation_id: str) -> Participants:
        """The participants. Refused(not_found) when the conversation does not exist, or is not this visitor's."""
        found = self._cached.get((identity.site, conversation_id))
        if found is None:
            request = GetConversationRequest(site=identity.site, conversation=conversation_id, reader=identity.person)
            answer = await self._chat.call(lambda stub: stub.GetConversation, request, key=conversation_id)
            self.put_state(answer.conversation)
            found = self._cached[identity.site, conversation_id]
        if identity.kind == VISITOR and found.visitor_id != identity.id:
            raise Refused(Code.NOT_FOUND, "There is no such conversation.")
        return found
