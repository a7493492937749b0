"""The JSON of a chat, shared by lists, logs and exports."""

from collections.abc import Mapping
from typing import Literal, cast

import msgspec
from palique.chat.v1 import chat_pb2

from kit.times import rfc3339
from kit.vocabulary import ConversationStatus
from services.gateway.http.people import Person, person_json

StartedBy = Literal["visitor", "agent"]


class ChatVisitor(msgspec.Struct, frozen=True):
    """The visitor of a chat, by the current name."""

    id: str
    name: str
    region: str | None
    country: str | None


class ChatItem(msgspec.Struct, frozen=True):
    """A chat in a list. `ended_at` and `duration_s` are null while the chat is open.

    `preview` is the visitor's first line, while the chat waits; `last_line` is the first line of the last message. `unanswered_since` is the
    time of the visitor's first message after the last one of an agent, while the chat is open. Each is null without such a message.
    `last_at` is the time of the newest entry, notes included.
    """

    conversation: str
    status: ConversationStatus
    visitor: ChatVisitor
    agents: list[Person]
    started_by: StartedBy
    started_at: str
    ended_at: str | None
    duration_s: int | None
    messages: int
    flagged: bool
    preview: str | None
    last_line: str | None
    unanswered_since: str | None
    last_at: str


def chat_json(state: chat_pb2.Conversation, names: Mapping[str, str]) -> ChatItem:
    """`names` are the visitors' current names, by id."""
    ended = bool(state.ended_at_ms)
    return ChatItem(
        conversation=state.conversation,
        status=cast(ConversationStatus, state.status),
        visitor=ChatVisitor(
            id=state.visitor.id,
            name=names.get(state.visitor.id, state.visitor.name),
            region=state.region or None,
            country=state.country or None,
        ),
        agents=[person_json(agent) for agent in state.agents],
        started_by=cast(StartedBy, state.started_by),
        started_at=rfc3339(state.started_at_ms),
        ended_at=rfc3339(state.ended_at_ms) if ended else None,
        duration_s=(state.ended_at_ms - state.started_at_ms) // 1000 if ended else None,
        messages=state.messages,
        flagged=state.flagged,
        preview=state.preview or None,
        last_line=state.last_line or None,
        unanswered_since=rfc3339(state.unanswered_since_ms) if state.unanswered_since_ms else None,
        last_at=rfc3339(state.last_at_ms or state.started_at_ms),
    )
