"""Entries and conversation states as browsers see them: the one place where they become JSON.

Chat encodes an entry once for all its readers; the gateway uses the same forms for pages of the log.
"""

from typing import Any

import msgspec
from palique.chat.v1 import chat_pb2

from kit.times import rfc3339
from kit.vocabulary import TEXT_KINDS, EntryKind

TEXT_LIMIT = 4000  # characters; four bytes each still fit a frame of 32 KiB
CLIENT_ID_LIMIT = 64  # a UUID has 36
encoder = msgspec.json.Encoder()


class PersonJson(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: str
    id: str
    name: str = ""


class EntryJson(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="entry"):
    """An `entry` frame, and an item of `entries`."""

    conversation: str
    epoch: int
    seq: int
    kind: str
    author: PersonJson | None = None
    client_id: str | None = None
    text: str | None = None
    at: str | None = None
    agent: PersonJson | None = None
    started_by: str | None = None


class ReadJson(msgspec.Struct, frozen=True):
    reader: PersonJson
    seq: int


def person_json(person: chat_pb2.Person) -> PersonJson:
    return PersonJson(kind=person.kind, id=person.id, name=person.name)


def entry_json(entry: chat_pb2.Entry) -> EntryJson:
    """What a reader who may see it sees of an entry."""
    if entry.kind == "hidden":
        return hidden_entry(entry.conversation, entry.epoch, entry.seq)
    return EntryJson(
        conversation=entry.conversation,
        epoch=entry.epoch,
        seq=entry.seq,
        kind=entry.kind,
        author=person_json(entry.author),
        client_id=entry.client_id or None,
        text=entry.text if entry.kind in TEXT_KINDS else None,
        at=rfc3339(entry.at_ms),
        agent=person_json(entry.agent) if entry.HasField("agent") else None,
        started_by=entry.started_by or None,
    )


# What a visitor never sees (I-20).
HIDDEN_FROM_VISITORS: frozenset[EntryKind] = frozenset({"note"})


def hidden_entry(conversation: str, epoch: int, seq: int) -> EntryJson:
    """Keeps the sequence dense for a reader who may not see the entry."""
    return EntryJson(conversation=conversation, epoch=epoch, seq=seq, kind="hidden")


def conversation_json(state: chat_pb2.Conversation, *, reads: bool = False) -> dict[str, Any]:
    """A conversation's state as in `welcome`, `conversation`, `queue` and replies."""
    found: dict[str, Any] = {
        "conversation": state.conversation,
        "epoch": state.epoch,
        "head": state.head,
        "status": state.status,
        "visitor": {"id": state.visitor.id, "name": state.visitor.name},
        "assignee": {"id": state.assignee.id, "name": state.assignee.name} if state.HasField("assignee") else None,
        "started_by": state.started_by,
        "started_at": rfc3339(state.started_at_ms),
        "ended_at": rfc3339(state.ended_at_ms) if state.ended_at_ms else None,
    }
    if reads:
        found["reads"] = [ReadJson(reader=person_json(mark.reader), seq=mark.seq) for mark in state.reads]
    return found
