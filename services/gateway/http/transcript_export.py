"""A chat's log as plain text, for somebody's files. Pure.

Every line that was not written by us is indented or stands behind its author, so nothing that a visitor writes looks like another entry; what
would change how other text is shown is taken out.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kit.times import rfc3339
from kit.vocabulary import Language

# Control characters but tab and line feed, and the marks that turn the direction of what follows.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INDENT = " " * 4

WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Chat with {name}",
        "started": "Started: {at}",
        "ended": "Ended: {at}",
        "running": "Still running",
        "agents": "Agents: {names}",
        "nobody": "nobody",
        "times": "All times are UTC.",
        "note": "{name} (note, for agents only)",
        "opened": "{name} started the chat",
        "assigned": "{name} took the chat",
        "joined": "{name} joined",
        "left": "{name} left",
        "transferred": "{name} transferred the chat",
        "closed": "{name} closed the chat",
    },
    "es": {
        "title": "Chat con {name}",
        "started": "Inicio: {at}",
        "ended": "Fin: {at}",
        "running": "En curso",
        "agents": "Agentes: {names}",
        "nobody": "nadie",
        "times": "Todas las horas son UTC.",
        "note": "{name} (nota, solo para agentes)",
        "opened": "{name} inició el chat",
        "assigned": "{name} se hizo cargo del chat",
        "joined": "{name} se unió",
        "left": "{name} se fue",
        "transferred": "{name} transfirió el chat",
        "closed": "{name} cerró el chat",
    },
}


class Line(NamedTuple):
    """An entry; `who` is its author, for `assigned` the agent."""

    at_ms: int
    kind: str
    who: str
    text: str = ""


class Talk(NamedTuple):
    """`ended_at_ms`: 0 while it is running."""

    visitor: str
    agents: Sequence[str]
    started_at_ms: int
    ended_at_ms: int
    lines: Sequence[Line]


def transcript(talk: Talk, language: Language) -> str:
    """The whole log; kinds that are not known here are left out."""
    words = WORDS[language]
    ended = words["ended"].format(at=_time(talk.ended_at_ms)) if talk.ended_at_ms else words["running"]
    head = [
        words["title"].format(name=_one_line(talk.visitor)),
        words["started"].format(at=_time(talk.started_at_ms)),
        ended,
        words["agents"].format(names=", ".join(map(_one_line, talk.agents)) or words["nobody"]),
        words["times"],
        "",
    ]
    lines = [line for entry in talk.lines if (line := _line(entry, words))]
    return "\n".join([*head, *lines, ""])


def _line(line: Line, words: Mapping[str, str]) -> str:
    at, who = f"[{_time(line.at_ms)}]", _one_line(line.who)
    if line.kind == "message":
        return f"{at} {who}: {_indented(line.text)}"
    if line.kind == "note":
        return f"{at} {words['note'].format(name=who)}: {_indented(line.text)}"
    event = (
        words.get(line.kind) if line.kind in ("opened", "assigned", "joined", "left", "transferred", "closed") else None
    )
    return f"{at} * {event.format(name=who)}" if event else ""


def _indented(text: str) -> str:
    """Whatever breaks a line in some reader breaks it here, so that it is indented."""
    return f"\n{_INDENT}".join(_UNSEEN.sub("", line) for line in text.splitlines())


def _one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub("", text).split())


def _time(at_ms: int) -> str:
    return rfc3339(at_ms)[:19].replace("T", " ")
