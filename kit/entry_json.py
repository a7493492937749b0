"""The `entry` frame as JSON. Chat encodes an entry once for all readers; the gateway uses the same structs for pages of a log."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta
from palique.chat.v1 import chat_pb2

from kit.times import rfc3339
from kit.vocabulary import PERSON_KINDS, TEXT_KINDS, EntryKind

TEXT_LIMIT = 4000  # characters; four bytes each still fit a frame of 32 KiB
CLIENT_ID_LIMIT = 64  # a UUID has 36
encoder = msgspec.json.Encoder()

# Requirement I-20: visitors never see notes, nor which agents were asked to take a chat.
HIDDEN_FROM_VISITORS: frozenset[EntryKind] = frozenset({"note", "offered", "offer_ended", "prioritised"})
# Fields that visitors do not get; JSON and protobuf have them under the same names.
WITHHELD_FROM_VISITORS: Mapping[str, tuple[str, ...]] = {
    "transferred": ("note",),
    "requeued": ("author", "agent", "reason"),
}


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
    by: str | None = None
    reason: str | None = None
    until: str | None = None
    round: int | None = None
    to_agent: AuthorJson | None = None
    to_department: str | None = None
    note: str | None = None
    priority: int | None = None


_decoder = msgspec.json.Decoder(EntryJson)


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
        author=author_json(entry.author) if entry.HasField("author") else None,
        client_id=entry.client_id or None,
        text=entry.text if entry.kind in TEXT_KINDS else None,
        at=rfc3339(entry.at_ms),
        agent=author_json(entry.agent) if entry.HasField("agent") else None,
        started_by=entry.started_by or None,
        by=entry.by or None,
        reason=entry.reason or None,
        until=rfc3339(entry.until_ms) if entry.until_ms else None,
        round=entry.round or None,
        to_agent=author_json(entry.to_agent) if entry.HasField("to_agent") else None,
        to_department=entry.to_department or None,
        note=entry.note or None,
        priority=entry.priority if entry.kind == "prioritised" else None,
    )


def hidden_entry(conversation: str, epoch: int, seq: int) -> EntryJson:
    """Keeps the sequence without gaps for a reader without access to the entry."""
    return EntryJson(conversation=conversation, epoch=epoch, seq=seq, kind="hidden")


def visitor_entry(entry: chat_pb2.Entry) -> chat_pb2.Entry:
    """The entry as visitors get it. `entry_json` of it equals `visitor_frame` of the whole entry (tested)."""
    if entry.kind in HIDDEN_FROM_VISITORS:
        return chat_pb2.Entry(conversation=entry.conversation, epoch=entry.epoch, seq=entry.seq, kind="hidden")
    withheld = WITHHELD_FROM_VISITORS.get(entry.kind)
    if withheld is None:
        return entry
    shown = chat_pb2.Entry()
    shown.CopyFrom(entry)
    for field in withheld:
        shown.ClearField(field)  # type: ignore[arg-type]  # the stub knows literal names only
    return shown


def visitor_frame(kind: str, frame: bytes) -> bytes:
    """The `entry` frame as visitors get it, from the one that agents get. The frame of most kinds is the same."""
    if kind in HIDDEN_FROM_VISITORS:
        entry = _decoder.decode(frame)
        return encoder.encode(hidden_entry(entry.conversation, entry.epoch, entry.seq))
    if kind in WITHHELD_FROM_VISITORS:
        withheld = dict.fromkeys(WITHHELD_FROM_VISITORS[kind])
        return encoder.encode(msgspec.structs.replace(_decoder.decode(frame), **withheld))
    return frame
