"""A chat in the words of the HTTP API: what lists, logs and files share."""

from collections.abc import Mapping
from typing import Any

from palique.chat.v1 import chat_pb2

from kit.times import rfc3339


def chat_json(state: chat_pb2.Conversation, names: Mapping[str, str]) -> dict[str, Any]:
    """A chat as a row of the logs; an open one has no end and no duration yet. `names` are those of now."""
    ended = bool(state.ended_at_ms)
    return {
        "conversation": state.conversation,
        "status": state.status,
        "visitor": {
            "id": state.visitor.id,
            "name": names.get(state.visitor.id, state.visitor.name),
            "region": state.region or None,
            "country": state.country or None,
        },
        "agents": [{"id": agent.id, "name": agent.name} for agent in state.agents],
        "started_by": state.started_by,
        "started_at": rfc3339(state.started_at_ms),
        "ended_at": rfc3339(state.ended_at_ms) if ended else None,
        "duration_s": (state.ended_at_ms - state.started_at_ms) // 1000 if ended else None,
        "messages": state.messages,
        "flagged": state.flagged,
    }
