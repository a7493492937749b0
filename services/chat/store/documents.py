"""Maps entries and states to MongoDB documents and back."""

from typing import Any

from kit.mongo import Document
from services.chat.domain.log import FIRST_EPOCH, RESERVED, Entry, Person, State
from services.chat.ports import ConversationRecord

# Fixed width, so that ids sort like numbers; no conversation reaches a billion entries.
SEQ_DIGITS = 9

# Fields of an entry that its document has under the same name, unless they are empty.
_PLAIN_FIELDS = (
    "client_id",
    "text",
    "started_by",
    "country",
    "region",
    "by",
    "reason",
    "round",
    "to_department",
    "note",
    "priority",
)
_PERSON_FIELDS = ("agent", "visitor", "to_agent")


def entry_id(conversation_id: str, seq: int) -> str:
    """`_id` of an entry: the unique index over seqs, and the range that a page reads."""
    return f"{conversation_id}.{seq:0{SEQ_DIGITS}d}"


def range_after(conversation_id: str, seq: int) -> Document:
    """Filter on `_id`: the entries of a conversation after a seq. `/` is the character after `.`."""
    return {"$gt": entry_id(conversation_id, seq), "$lt": f"{conversation_id}/"}


def entry_document(entry: Entry, *, outbox: bool) -> Document:
    """Empty fields are left out."""
    document: Document = {
        "_id": entry_id(entry.conversation_id, entry.seq),
        "site": entry.site,
        "conversation": entry.conversation_id,
        "seq": entry.seq,
        "kind": entry.kind,
        "author": _person_document(entry.author),
        "at": entry.at_ms,
    }
    for field in _PLAIN_FIELDS:
        if value := getattr(entry, field):
            document[field] = value
    if entry.until_ms:
        document["until"] = entry.until_ms
    for field in _PERSON_FIELDS:
        if person := getattr(entry, field):
            document[field] = _person_document(person)
    if outbox:
        document["outbox"] = True
    return document


def entry_of(document: Document) -> Entry:
    given: dict[str, Any] = {field: document[field] for field in _PLAIN_FIELDS if field in document}
    given |= {field: _person_of(document[field]) for field in _PERSON_FIELDS if field in document}
    return Entry(
        site=document["site"],
        conversation_id=document["conversation"],
        seq=document["seq"],
        kind=document["kind"],
        author=_person_of(document["author"]),
        at_ms=document["at"],
        until_ms=document.get("until", 0),
        **given,
    )


def state_fields(state: State) -> Document:
    """Fields that a projection sets: everything that follows from the log."""
    return {
        "site": state.site,
        "epoch": state.epoch,
        "head": state.head,
        "status": state.status,
        "open": state.open,
        "visitor": _person_document(state.visitor),
        "opened_by": _person_document(state.opened_by),
        "started_by": state.started_by,
        "assignee": _person_document(state.assignee) if state.assignee else None,
        "agents": [_person_document(agent) for agent in state.agents],
        "messages": state.messages,
        "started_at": state.started_at_ms,
        "last_at": state.last_at_ms,
        "answered_at": state.answered_at_ms,
        "ended_at": state.ended_at_ms,
        "country": state.country,
        "region": state.region,
        "preview": state.preview,
        "last_line": state.last_line,
        "unanswered_since": state.unanswered_since_ms,
    }


def reserved_document(state: State) -> Document:
    """The document of a new conversation."""
    return {"_id": state.id, **state_fields(state), "flagged": False, "reads": {}}


def state_of(document: Document) -> State:
    return State(
        site=document["site"],
        id=document["_id"],
        epoch=document.get("epoch", FIRST_EPOCH),
        head=document["head"],
        status=document.get("status", RESERVED),
        visitor=_person_of(document["visitor"]),
        opened_by=_person_of(document["opened_by"]),
        assignee=_optional_person(document.get("assignee")),
        agents=tuple(_person_of(agent) for agent in document.get("agents", ())),
        messages=document.get("messages", 0),
        started_at_ms=document["started_at"],
        last_at_ms=document.get("last_at", 0),
        answered_at_ms=document.get("answered_at", 0),
        ended_at_ms=document.get("ended_at", 0),
        country=document.get("country", ""),
        region=document.get("region", ""),
        preview=document.get("preview", ""),
        last_line=document.get("last_line", ""),
        unanswered_since_ms=document.get("unanswered_since", 0),
    )


def record_of(document: Document) -> ConversationRecord:
    reads = document.get("reads", {})
    marks = tuple((_reader_of(key), int(seq)) for key, seq in sorted(reads.items()))
    return ConversationRecord(state_of(document), bool(document.get("flagged")), marks)


def reader_key(reader: Person) -> str:
    """Field name of a read mark. Ids contain no `%` and field names no `.`, so `%` replaces `.`."""
    return f"{reader.kind}:{reader.id}".replace(".", "%")


def _reader_of(key: str) -> Person:
    kind, _, person_id = key.replace("%", ".").partition(":")
    return Person(kind, person_id)


def _person_document(person: Person) -> Document:
    return {"kind": person.kind, "id": person.id, "name": person.name}


def _person_of(document: Document) -> Person:
    return Person(document["kind"], document["id"], document.get("name", ""))


def _optional_person(document: Document | None) -> Person | None:
    return _person_of(document) if document else None
