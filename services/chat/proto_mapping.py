"""Maps states and entries to protobuf messages and browser frames."""

from palique.chat.v1 import chat_pb2

from kit.entry_json import AuthorJson, EntryJson, encoder, visitor_entry
from kit.times import rfc3339
from kit.vocabulary import TEXT_KINDS
from services.chat.domain.log import Entry, Person, State
from services.chat.domain.search_hit import SearchHit
from services.chat.ports import ConversationRecord


def person_pb(person: Person) -> chat_pb2.Person:
    return chat_pb2.Person(kind=person.kind, id=person.id, name=person.name)


def entry_pb(entry: Entry, epoch: int) -> chat_pb2.Entry:
    """The full entry, for readers that may see notes."""
    return chat_pb2.Entry(
        conversation=entry.conversation_id,
        epoch=epoch,
        seq=entry.seq,
        kind=entry.kind,
        author=person_pb(entry.author),
        client_id=entry.client_id,
        text=entry.text,
        at_ms=entry.at_ms,
        agent=person_pb(entry.agent) if entry.agent else None,
        started_by=entry.started_by,
        by=entry.by,
        reason=entry.reason,
        until_ms=entry.until_ms,
        round=entry.round,
        to_agent=person_pb(entry.to_agent) if entry.to_agent else None,
        to_department=entry.to_department,
        note=entry.note,
        priority=entry.priority,
    )


def entry_pb_for(reader: Person, entry: Entry, epoch: int) -> chat_pb2.Entry:
    """The entry as `reader` may see it."""
    whole = entry_pb(entry, epoch)
    return visitor_entry(whole) if reader.kind == "visitor" else whole


def entry_frame(entry: Entry, epoch: int) -> bytes:
    """The browser's frame, equal to `entry_json` of `entry_pb` (tested), in a sixth of the time."""
    return encoder.encode(
        EntryJson(
            conversation=entry.conversation_id,
            epoch=epoch,
            seq=entry.seq,
            kind=entry.kind,
            author=_author_json(entry.author),
            client_id=entry.client_id or None,
            text=entry.text if entry.kind in TEXT_KINDS else None,
            at=rfc3339(entry.at_ms),
            agent=_author_json(entry.agent) if entry.agent else None,
            started_by=entry.started_by or None,
            by=entry.by or None,
            reason=entry.reason or None,
            until=rfc3339(entry.until_ms) if entry.until_ms else None,
            round=entry.round or None,
            to_agent=_author_json(entry.to_agent) if entry.to_agent else None,
            to_department=entry.to_department or None,
            note=entry.note or None,
            priority=entry.priority if entry.kind == "prioritised" else None,
        )
    )


def state_pb(state: State) -> chat_pb2.Conversation:
    """Everything that follows from the log, without flag and read marks."""
    return chat_pb2.Conversation(
        site=state.site,
        conversation=state.id,
        epoch=state.epoch,
        head=state.head,
        status=state.status,
        visitor=person_pb(state.visitor),
        assignee=person_pb(state.assignee) if state.assignee else None,
        started_by=state.started_by,
        started_at_ms=state.started_at_ms,
        ended_at_ms=state.ended_at_ms,
        messages=state.messages,
        agents=[person_pb(agent) for agent in state.agents],
        country=state.country,
        region=state.region,
        preview=state.preview,
        last_line=state.last_line,
        unanswered_since_ms=state.unanswered_since_ms,
        last_at_ms=state.last_at_ms,
    )


def record_pb(record: ConversationRecord) -> chat_pb2.Conversation:
    """The state with flag and read marks."""
    message = state_pb(record.state)
    message.flagged = record.flagged
    message.reads.extend(chat_pb2.ReadMark(reader=person_pb(reader), seq=seq) for reader, seq in record.reads)
    return message


def hit_pb(hit: SearchHit) -> chat_pb2.SearchHit:
    return chat_pb2.SearchHit(
        conversation=hit.entry.conversation_id,
        seq=hit.entry.seq,
        kind=hit.entry.kind,
        author=person_pb(hit.entry.author),
        excerpt=[chat_pb2.ExcerptPart(text=part.text, marked=part.marked) for part in hit.excerpt],
    )


def _author_json(person: Person) -> AuthorJson:
    return AuthorJson(person.kind, person.id, person.name)
