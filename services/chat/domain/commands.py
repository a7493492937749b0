"""What a command does to a conversation at its tail: one entry to append, nothing because it is so already, or a refusal.

The append at tail + 1 is the compare-and-set, so a decision counts only for the tail that it was taken on.
"""

from enum import Enum

import msgspec

from kit.codes import Code, Refused
from services.chat.domain.log import ACTIVE, CLOSED, WAITING, Entry, Person, State


class Command(msgspec.Struct, frozen=True):
    """Somebody's wish, within one site."""

    site: str
    by: Person


class Open(Command, frozen=True):
    """Writes the first entry of a reserved conversation, from what was reserved."""


class Write(Command, frozen=True):
    """A message or a note."""

    kind: str
    client_id: str
    text: str


class Accept(Command, frozen=True):
    """Makes a waiting conversation one's own."""


class Close(Command, frozen=True):
    """Ends it. `any_assignee`: the caller vouches that `by` may end what is not theirs."""

    any_assignee: bool = False


class Done(Enum):
    """It is so already: succeed and append nothing."""

    DONE = "done"


DONE = Done.DONE
Decision = Entry | Done | Refused


def may_see(state: State, site: str, person: Person) -> bool:
    """A visitor their own conversations, everybody else those of their site."""
    return state.site == site and (person.kind != "visitor" or person.id == state.visitor.id)


def decide(state: State, command: Command, now_ms: int) -> Decision:
    """Times within a conversation never fall, whatever the clocks of the writers say."""
    at_ms = max(now_ms, state.last_at_ms)
    if not may_see(state, command.site, command.by):
        return _missing()
    if isinstance(command, Open):
        return DONE if state.head else _first(state, at_ms)
    if state.head == 0:
        return _missing()
    if isinstance(command, Write):
        return _write(state, command, at_ms)
    if isinstance(command, Accept):
        return _accept(state, command, at_ms)
    if isinstance(command, Close):
        return _close(state, command, at_ms)
    raise TypeError(f"not a command: {type(command).__name__}")


def _missing() -> Refused:
    return Refused(Code.NOT_FOUND, "There is no such conversation.")


def _ended() -> Refused:
    return Refused(Code.CLOSED, "The conversation has ended.")


def _entry(state: State, kind: str, by: Person, at_ms: int) -> Entry:
    return Entry(
        site=state.site, conversation=state.conversation, seq=state.head + 1, kind=kind, author=by, at_ms=at_ms
    )


def _first(state: State, at_ms: int) -> Entry:
    return msgspec.structs.replace(
        _entry(state, "opened", state.opened_by, at_ms),
        started_by=state.started_by,
        visitor=state.visitor,
        country=state.country,
        region=state.region,
    )


def _write(state: State, command: Write, at_ms: int) -> Decision:
    if command.kind == "note" and command.by.kind == "visitor":
        return Refused(Code.FORBIDDEN, "Notes are for the site's own people.")
    if state.status == CLOSED:
        return _ended()
    if command.kind == "message" and command.by.kind == "agent" and not command.by.is_same(state.assignee):
        return Refused(Code.NOT_ASSIGNED, "The conversation is not this agent's; accept it first.")
    entry = _entry(state, command.kind, command.by, at_ms)
    return msgspec.structs.replace(entry, client_id=command.client_id, text=command.text)


def _accept(state: State, command: Accept, at_ms: int) -> Decision:
    if command.by.kind == "visitor":
        return Refused(Code.FORBIDDEN, "Visitors do not accept conversations.")
    if state.status == CLOSED:
        return _ended()
    if command.by.is_same(state.assignee):
        return DONE
    if state.status != WAITING:
        return Refused(Code.ALREADY_ASSIGNED, "Another agent has the conversation.")
    return msgspec.structs.replace(_entry(state, "assigned", command.by, at_ms), agent=command.by)


def _close(state: State, command: Close, at_ms: int) -> Decision:
    if state.status == CLOSED:
        return DONE
    foreign = state.status == ACTIVE and not command.by.is_same(state.assignee)
    if command.by.kind == "agent" and foreign and not command.any_assignee:
        return Refused(Code.NOT_ASSIGNED, "The conversation is not this agent's.")
    return _entry(state, "closed", command.by, at_ms)
