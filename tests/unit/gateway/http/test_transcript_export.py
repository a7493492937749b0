"""No text of a person looks like an entry of a transcript (S-52, I-22)."""

import re

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.http.transcript_export import Chat, Line, transcript

AT = 1_767_225_600_000
ENTRY = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] ")
HEAD = 6


def chat(*lines: Line, visitor: str = "Vera") -> Chat:
    return Chat(visitor=visitor, agents=["Ana"], started_at_ms=AT, ended_at_ms=0, lines=lines)


def test_a_transcript_has_a_line_per_entry_and_marks_notes() -> None:
    said = [
        Line(AT, "opened", "Vera"),
        Line(AT, "message", "Vera", "Hello\nthere"),
        Line(AT, "note", "Ana", "Careful"),
        Line(AT, "a kind to come", "Ana"),
    ]
    assert transcript(chat(*said), "en").split("\n") == [
        "Chat with Vera",
        "Started: 2026-01-01 00:00:00",
        "Still running",
        "Agents: Ana",
        "All times are UTC.",
        "",
        "[2026-01-01 00:00:00] * Vera started the chat",
        "[2026-01-01 00:00:00] Vera: Hello",
        "    there",
        "[2026-01-01 00:00:00] Ana (note, for agents only): Careful",
        "",
    ]
    assert "En curso" in transcript(chat(), "es")


@given(st.text(), st.text())
def test_no_text_in_a_message_looks_like_another_entry(name: str, text: str) -> None:
    lines = transcript(chat(Line(AT, "message", name, text), visitor=name), "en").splitlines()
    assert sum(bool(ENTRY.match(line)) for line in lines[HEAD:]) == 1
    assert len(lines[:HEAD]) == HEAD
    assert all(line.startswith("    ") for line in lines[HEAD + 1 :])
    shown = "".join(lines)
    assert not re.search("[\x00-\x08\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
