"""The `entry` frame as JSON. Chat encodes an entry once for all readers; the gateway uses the same structs for pages of a log."""

from typing import Annotated

import msgspec
from msgspec import Meta
from palique.chat.v1 import chat_pb2

from kit.times import rfc3339
from kit.vocabulary import PERSON_KINDS, TEXT_KINDS, EntryKind

TEXT_LIMIT = 4000  # characters; four bytes each still fit a frame of 32 KiB
CLIENT_ID_LIMIT = 64  # a UUID has 36
encoder = msgspec.json.Encoder()


class AuthorJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person. An empty name is left out."""

    kind: Annotated[str, Meta(extra_json_schema={"enum": list(PERSON_KINDS)})]
    id: str
    name: str = ""


class EntryJson(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="entry"):
    """An entry of a log. A hidden one has only its position; clients skip unknown kinds and count their seq."""

    conversation: str
    epoch: int
    seq: int
    kind: str
    author: AuthorJson | None = None
    client_id: str | None = None
    text: str | None = None
    at: str | None = None
    agent: AuthorJson | None = None
    started_by: Annotated[str, Meta(extra_json_schema={"enum": ["visitor", "agent"]})] | None = None


def author_json(person: chat_pb2.Person) -> AuthorJson:
    return AuthorJson(kind=person.kind, id=person.id, name=person.name)


def entry_json(entry: chat_pb2.Entry) -> EntryJson:
    """The JSON of an entry for a reader with access to it."""
    if entry.kind == "hidden":
        return hidden_entry(entry.conversation, entry.epoch, entry.seq)
    return EntryJson(
        conversation=entry.conversation,
        epoch=entry.epoch,
        seq=entry.seq,
        kind=entry.kind,
        author=author_json(entry.author),
        client_id=entry.client_id or None,
        text=entry.text if entry.kind in TEXT_KINDS else None,
        at=rfc3339(entry.at_ms),
        agent=author_json(entry.agent) if entry.HasField("agent") else None,
        started_by=entry.started_by or None,
    )


# Requirement I-20: visitors never see notes.
HIDDEN_FROM_VISITORS: frozenset[EntryKind] = frozenset({"note"})


def hidden_entry(conversation: str, epoch: int, seq: int) -> EntryJson:
    """Keeps the sequence without gaps for a reader without access to the entry."""
    return EntryJson(conversation=conversation, epoch=epoch, seq=seq, kind="hidden")
