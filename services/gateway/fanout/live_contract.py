"""Contract of the live messages that a gateway passes on: browsers get JSON without NUL, and times that can be formatted. Pure.

InvalidMessage for any other. A dropped batch of hints leaves a gap in the numbers, so that readers catch up.
"""

from collections.abc import Container

import msgspec
from palique.chat.v1.chat_pb2 import Conversation
from palique.chat.v1.live_pb2 import LiveBatch, LiveEntry
from palique.gateway.v1.live_pb2 import Typing

from kit.bus.contract import InvalidMessage, decoded, require
from kit.entry_json import AuthorJson, EntryJson
from kit.text.json_depth import is_too_deep
from kit.times import is_representable
from kit.vocabulary import CONVERSATION_STATUSES, PERSON_KINDS

_entry_decoder = msgspec.json.Decoder(EntryJson)


def hint_batch(body: bytes, sites: Container[str]) -> LiveBatch:
    """A batch of hints. Entries of other sites than these are not checked, because nothing reads them."""
    batch = decoded(LiveBatch, body)
    require(bool(batch.publisher) and batch.number > 0, "The batch has no publisher or no number.")
    for entry in batch.entries:
        if entry.site in sites:
            _check_entry(entry)
    for read in batch.reads:
        require(read.reader.kind in PERSON_KINDS, "The reader is of no known kind.")
    return batch


def typing_notice(body: bytes) -> Typing:
    typing = decoded(Typing, body)
    require(typing.who_kind in PERSON_KINDS, "The author is of no known kind.")
    require("\0" not in typing.who_name, "The author's name holds a NUL.")
    return typing


def _check_entry(entry: LiveEntry) -> None:
    raw = entry.frame
    try:
        # As a text: the decoder skips unknown fields without a check of their UTF-8.
        frame = _entry_decoder.decode(raw.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidMessage("The frame is no entry.") from None
    if is_too_deep(raw):
        raise InvalidMessage("The frame is nested too deeply.")
    if frame.seq != entry.seq or frame.conversation != entry.conversation or frame.kind != entry.kind:
        raise InvalidMessage("The frame is of another entry.")
    if b"\\u0000" in raw and "\0" in _texts(frame):
        raise InvalidMessage("The frame holds a NUL.")
    if entry.HasField("state"):
        _check_state(entry)


def _check_state(entry: LiveEntry) -> None:
    state: Conversation = entry.state
    require(
        (state.site, state.conversation) == (entry.site, entry.conversation), "The state is of another conversation."
    )
    require(state.status in CONVERSATION_STATUSES, "The state has no known status.")
    times = (state.started_at_ms, state.ended_at_ms, state.unanswered_since_ms, state.last_at_ms)
    require(all(map(is_representable, times)), "A time is out of range.")
    texts = state.preview + state.last_line + state.visitor.name + state.assignee.name
    require("\0" not in texts, "The state holds a NUL.")


def _texts(frame: EntryJson) -> str:
    texts = (frame.text, frame.by, frame.reason, frame.to_department, frame.note)
    return "".join(text or "" for text in texts) + "".join(map(_name, (frame.author, frame.agent, frame.to_agent)))


def _name(author: AuthorJson | None) -> str:
    return author.name if author else ""
