"""Who takes part in a conversation, remembered from hints and answers, so that typing and read marks need no call each."""

from typing import NamedTuple

from palique.chat.v1.chat_pb2 import Conversation, GetConversationRequest

from kit.codes import Code, Refused
from services.gateway.backends import ChatPool
from services.gateway.connection.connection import VISITOR, PeerIdentity

# Conversations that are talked in at one time on one gateway, with room; the rest is asked for again.
MAX_KNOWN = 20_000


class Participants(NamedTuple):
    """Ids; `assignee` is empty while nobody has it."""

    visitor: str
    assignee: str


class ParticipantCache:
    """Conversations by site and id."""

    def __init__(self, chat: ChatPool) -> None:
        self._chat = chat
        self._known: dict[tuple[str, str], Participants] = {}

    def note(self, site: str, conversation: str, visitor: str, assignee: str) -> None:
        """The newest that was heard."""
        self._known.pop((site, conversation), None)
        self._known[site, conversation] = Participants(visitor, assignee)
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]

    def note_state(self, state: Conversation) -> None:
        self.note(state.site, state.conversation, state.visitor.id, state.assignee.id)

    def forget(self, site: str) -> None:
        """The site's hints are not heard any more."""
        for key in [key for key in self._known if key[0] == site]:
            del self._known[key]

    async def parties(self, who: PeerIdentity, conversation: str) -> Participants:
        """Refused(not_found) when there is none, and for a visitor also when it is somebody else's."""
        found = self._known.get((who.site, conversation))
        if found is None:
            request = GetConversationRequest(site=who.site, conversation=conversation, reader=who.person)
            answer = await self._chat.call(lambda stub: stub.GetConversation, request, key=conversation)
            self.note_state(answer.conversation)
            found = self._known[who.site, conversation]
        if who.kind == VISITOR and found.visitor != who.id:
            raise Refused(Code.NOT_FOUND, "There is no such conversation.")
        return found
