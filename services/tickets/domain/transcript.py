"""The transcript of a ticket: messages of a conversation's log. Pure.

Invariant: it holds messages only, each once, ordered by seq, without a gap between `from_seq` and `to_seq`.
"""

from collections.abc import Iterable

import msgspec

from services.tickets.domain.person import Person

# A quarter of MongoDB's limit for a document and half of the limit for a gRPC message. The oldest lines beyond a bound are dropped.
MAX_TRANSCRIPT_BYTES = 4 * 1024 * 1024
MAX_TRANSCRIPT_LINES = 5000
# Size of a line without its texts, in BSON and in protobuf.
_LINE_BYTES = 100


class Line(msgspec.Struct, frozen=True):
    """One message; `seq` is its position in the conversation's log."""

    seq: int
    author: Person
    text: str
    at_ms: int


class Transcript(msgspec.Struct, frozen=True):
    """The messages of a log from `from_seq` to `to_seq`, both included. `whole`: the conversation is closed, so the log has ended."""

    lines: tuple[Line, ...] = ()
    from_seq: int = 1
    to_seq: int = 0
    whole: bool = False


def extend_transcript(
    transcript: Transcript,
    lines: Iterable[Line],
    *,
    after: int,
    to_seq: int,
    whole: bool,
    max_lines: int = MAX_TRANSCRIPT_LINES,
    max_bytes: int = MAX_TRANSCRIPT_BYTES,
) -> Transcript:
    """Adds the messages of the log from `after` (excluded) to `to_seq` (included). Lines that the transcript has are skipped.

    When `after` leaves a gap, the lines before the gap are dropped.
    """
    gap = after > transcript.to_seq
    old = () if gap else transcript.lines
    new = [line for line in lines if line.seq > transcript.to_seq]
    kept = _newest((*old, *new), max_lines, max_bytes)
    first_seq = after + 1 if gap else transcript.from_seq
    dropped = len(old) + len(new) - len(kept)
    return Transcript(
        lines=kept,
        from_seq=(*old, *new)[dropped - 1].seq + 1 if dropped else first_seq,
        to_seq=max(to_seq, transcript.to_seq),
        whole=transcript.whole or whole,
    )


def _newest(lines: tuple[Line, ...], max_lines: int, max_bytes: int) -> tuple[Line, ...]:
    size = 0
    for kept, line in enumerate(reversed(lines)):
        size += _LINE_BYTES + sum(len(text.encode()) for text in (line.text, line.author.id, line.author.name))
        if kept == max_lines or size > max_bytes:
            return lines[len(lines) - kept :]
    return lines
