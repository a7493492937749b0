"""Closed sets of values that services, browsers and documents share: statuses, priorities, roles, kinds, languages.

Each set is a Literal type and a dict from its values, in their order, to what they mean. Python imports both. `make generate` writes
web/ui/src/vocabulary.gen.ts, the languages.gen.ts files of the web applications and the tables of docs/protocol.md.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

TicketStatus = Literal["open", "pending", "solved", "closed"]
TICKET_STATUSES: Mapping[TicketStatus, str] = {
    "open": "Needs work.",
    "pending": "Waits for the visitor or a third party.",
    "solved": "Answered; may be reopened.",
    "closed": "Finished; only reopening changes the status.",
}

TicketPriority = Literal["low", "normal", "high", "urgent"]
TICKET_PRIORITIES: Mapping[TicketPriority, str] = {
    "low": "Below the usual priority.",
    "normal": "The default.",
    "high": "Above the usual priority.",
    "urgent": "The highest priority.",
}

AgentRole = Literal["agent", "administrator"]
AGENT_ROLES: Mapping[AgentRole, str] = {
    "agent": "Chats and works on tickets.",
    "administrator": "Also manages agents and the site's settings.",
}

AgentStatus = Literal["online", "away", "invisible"]
AGENT_STATUSES: Mapping[AgentStatus, str] = {
    "online": "Available to visitors.",
    "away": "Connected, not available to visitors.",
    "invisible": "Connected, not available to visitors; treated like away.",
}

ConversationStatus = Literal["waiting", "active", "closed"]
CONVERSATION_STATUSES: Mapping[ConversationStatus, str] = {
    "waiting": "Open, no agent is assigned.",
    "active": "Open, an agent is assigned.",
    "closed": "Ended; the visitor's next message opens a new conversation.",
}

VisitorState = Literal["waiting", "chatting", "browsing", "idle"]
# In the order in which a list sorts by state.
VISITOR_STATES: Mapping[VisitorState, str] = {
    "waiting": "Has a waiting conversation.",
    "chatting": "Has an active conversation.",
    "browsing": "Online without an open conversation.",
    "idle": "Online without an open conversation and inactive for a while.",
}

PersonKind = Literal["visitor", "agent", "integration", "system"]
PERSON_KINDS: Mapping[PersonKind, str] = {
    "visitor": "A person on the site's pages.",
    "agent": "A user of the dashboard.",
    "integration": "A program with a token of the site.",
    "system": "Palique itself.",
}

EntryKind = Literal[
    "opened",
    "message",
    "note",
    "offered",
    "offer_ended",
    "assigned",
    "joined",
    "left",
    "transferred",
    "requeued",
    "prioritised",
    "rated",
    "closed",
]
ENTRY_KINDS: Mapping[EntryKind, str] = {
    "opened": "The conversation begins; always the first entry.",
    "message": "Text for everyone in the conversation.",
    "note": "Text for agents; visitors get the entry as `hidden`.",
    "offered": "An agent was asked to take the waiting conversation; visitors get the entry as `hidden`.",
    "offer_ended": "The agent did not take it, or the offer was withdrawn; visitors get the entry as `hidden`.",
    "assigned": "The conversation is with an agent from now on.",
    "joined": "An agent joined.",
    "left": "An agent left.",
    "transferred": "The conversation waits for another agent or department; visitors do not get the `note`.",
    "requeued": "The conversation waits for an agent again; visitors get the kind and the time only.",
    "prioritised": "The priority of the conversation changed; visitors get the entry as `hidden`.",
    "rated": "The visitor rated the conversation.",
    "closed": "The conversation ended.",
}
# Kinds that carry text.
TEXT_KINDS: frozenset[EntryKind] = frozenset({"message", "note"})
# Kinds that other services act on: chat publishes them as facts through its outbox.
FACT_KINDS: frozenset[EntryKind] = frozenset({"opened", "assigned", "transferred", "requeued", "closed", "rated"})

Language = Literal["en", "es"]
# Languages of the dashboard, the widget and transcripts, with their own names.
LANGUAGES: Mapping[Language, str] = {
    "en": "English",
    "es": "Español",
}
DEFAULT_LANGUAGE: Language = "en"


class Vocabulary(NamedTuple):
    """One set, for the generators: its title in the documents, its names in code, and its values with their meanings."""

    title: str
    type_name: str
    values_name: str
    meanings: Sequence[tuple[str, str]]


VOCABULARIES = (
    Vocabulary("Ticket statuses", "TicketStatus", "TICKET_STATUSES", tuple(TICKET_STATUSES.items())),
    Vocabulary("Ticket priorities", "TicketPriority", "TICKET_PRIORITIES", tuple(TICKET_PRIORITIES.items())),
    Vocabulary("Agent roles", "AgentRole", "AGENT_ROLES", tuple(AGENT_ROLES.items())),
    Vocabulary("Agent statuses", "AgentStatus", "AGENT_STATUSES", tuple(AGENT_STATUSES.items())),
    Vocabulary(
        "Conversation statuses", "ConversationStatus", "CONVERSATION_STATUSES", tuple(CONVERSATION_STATUSES.items())
    ),
    Vocabulary("Visitor states", "VisitorState", "VISITOR_STATES", tuple(VISITOR_STATES.items())),
    Vocabulary("Kinds of person", "PersonKind", "PERSON_KINDS", tuple(PERSON_KINDS.items())),
    Vocabulary("Kinds of entry", "EntryKind", "ENTRY_KINDS", tuple(ENTRY_KINDS.items())),
    Vocabulary("Languages", "Language", "LANGUAGES", tuple(LANGUAGES.items())),
)
