"""Exports a chat's log as plain text. Pure.

Text of people is indented or follows its author's name, so that no message can imitate another entry. Control characters and
bidirectional controls are removed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kit.times import rfc3339
from kit.vocabulary import ENTRY_KINDS, TEXT_KINDS, Language

# Control characters except tab and line feed, and bidirectional controls.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INDENT = " " * 4

LABELS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Chat with {name}",
        "started": "Started: {at}",
        "ended": "Ended: {at}",
        "running": "Still running",
        "agents": "Agents: {names}",
        "no_agents": "nobody",
        "times": "All times are UTC.",
        "note": "{name} (note, for agents only)",
        "opened": "{name} started the chat",
        "assigned": "{name} took the chat",
        "joined": "{name} joined",
        "left": "{name} left",
        "transferred": "{name} transferred the chat",
        "requeued": "The chat went back to the queue",
        "offered": "Offered to {name}",
        "offer_ended": "{name} did not take the chat",
        "prioritised": "{name} changed the priority",
        "closed": "{name} closed the chat",
    },
    "es": {
        "title": "Chat con {name}",
        "started": "Inicio: {at}",
        "ended": "Fin: {at}",
        "running": "En curso",
        "agents": "Agentes: {names}",
        "no_agents": "nadie",
        "times": "Todas las horas son UTC.",
        "note": "{name} (nota, solo para agentes)",
        "opened": "{name} inició el chat",
        "assigned": "{name} se hizo cargo del chat",
        "joined": "{name} se unió",
        "left": "{name} se fue",
        "transferred": "{name} transfirió el chat",
        "requeued": "El chat volvió a la cola",
        "offered": "Ofrecido a {name}",
        "offer_ended": "{name} no tomó el chat",
        "prioritised": "{name} cambió la prioridad",
        "closed": "{name} cerró el chat",
    },
}
# Entries without text.
_EVENTS = frozenset(ENTRY_KINDS) - TEXT_KINDS - {"rated"}


class Line(NamedTuple):
    """An entry. `name` is the agent's of an entry that has one, else the author's."""

    at_ms: int
    kind: str
    name: str
    text: str = ""


class Chat(NamedTuple):
    """`ended_at_ms` is 0 while the chat is open."""

    visitor: str
    agents: Sequence[str]
    started_at_ms: int
    ended_at_ms: int
    lines: Sequence[Line]


def transcript(chat: Chat, language: Language) -> str:
    """The whole log, without entries of unknown kinds."""
    labels = LABELS[language]
    ended = labels["ended"].format(at=_time(chat.ended_at_ms)) if chat.ended_at_ms else labels["running"]
    head = [
        labels["title"].format(name=_one_line(chat.visitor)),
        labels["started"].format(at=_time(chat.started_at_ms)),
        ended,
        labels["agents"].format(names=", ".join(map(_one_line, chat.agents)) or labels["no_agents"]),
        labels["times"],
        "",
    ]
    lines = [line for entry in chat.lines if (line := _line(entry, labels))]
    return "\n".join([*head, *lines, ""])


def _line(line: Line, labels: Mapping[str, str]) -> str:
    at, name = f"[{_time(line.at_ms)}]", _one_line(line.name)
    if line.kind == "message":
        return f"{at} {name}: {_indented(line.text)}"
    if line.kind == "note":
        return f"{at} {labels['note'].format(name=name)}: {_indented(line.text)}"
    return f"{at} * {labels[line.kind].format(name=name)}" if line.kind in _EVENTS else ""


def _indented(text: str) -> str:
    """Splits at every character that some program shows as a line break, and indents each line."""
    return f"\n{_INDENT}".join(_INVISIBLE.sub("", line) for line in text.splitlines())


def _one_line(text: str) -> str:
    return " ".join(_INVISIBLE.sub("", text).split())


def _time(at_ms: int) -> str:
    return rfc3339(at_ms)[:19].replace("T", " ")
