"""Decides a command on the state at the tail: an entry to append, nothing to do, or a refusal.

The append at tail + 1 is the compare-and-set, so a decision is valid only for the state that it was made on.
"""

from enum import Enum

import msgspec

from kit.codes import Code, Refused
from kit.entry_json import HIDDEN_FROM_VISITORS
from services.chat.domain.log import ACTIVE, CLOSED, WAITING, Entry, Person, State


class Command(msgspec.Struct, frozen=True):
    """A request to change a conversation of one site."""

    site: str
    by: Person


class Open(Command, frozen=True):
    """Writes the first entry of a reserved conversation."""


class Write(Command, frozen=True):
    """Appends a message or a note."""

    kind: str
    client_id: str
    text: str


class Accept(Command, frozen=True):
    """Assigns a waiting conversation to `by`."""


class Close(Command, frozen=True):
    """Ends the conversation. `any_assignee`: the caller vouches that `by` may close a conversation of another agent."""

    any_assignee: bool = False


class Release(Command, frozen=True):
    """Puts the conversation of the assignee `by` back into the queue."""


class TakeOver(Command, frozen=True):
    """Assigns the active conversation of another agent to `by`. `any_assignee`: the caller vouches that `by` may do so."""

    any_assignee: bool = False


class Requeue(Command, frozen=True):
    """Returns the conversation of `agent` to the queue. Refused with `conflict` when the log has entries past `base`."""

    agent: Person
    base: int
    reason: str


class Done(Enum):
    """The state is already as requested: succeed and append nothing."""

    DONE = "done"


DONE = Done.DONE
Decision = Entry | Done | Refused


def may_see(state: State, site: str, person: Person) -> bool:
    """A visitor sees their own conversations; agents, integrations and the system see all of their site."""
    return state.site == site and (person.kind != "visitor" or person.id == state.visitor.id)


def may_read(person: Person, entry: Entry) -> bool:
    """Visitors never see notes (requirement I-20)."""
    return person.kind != "visitor" or entry.kind not in HIDDEN_FROM_VISITORS


def may_start(visitor: Person, by: Person) -> bool:
    """A visitor starts only their own conversation; agents and integrations start one with any visitor of the site."""
    return by.kind != "visitor" or by.id == visitor.id


def may_open_with(command: Write) -> bool:
    """Only a message of a visitor needs no conversation: it goes to the open one, or opens one."""
    return command.by.kind == "visitor" and command.kind == "message"


def not_found() -> Refused:
    """The same answer for a missing conversation and for one that the person may not see."""
    return Refused(Code.NOT_FOUND, "There is no such conversation.")


def decide(state: State, command: Command, now_ms: int) -> Decision:
    """Times within a conversation never decrease, even if clocks of processes differ."""
    at_ms = max(now_ms, state.last_at_ms)
    if not may_see(state, command.site, command.by):
        return not_found()
    if isinstance(command, Open):
        return DONE if state.head else _first(state, at_ms)
    if state.head == 0:
        return not_found()
    return _decide_begun(state, command, at_ms)


def _decide_begun(state: State, command: Command, at_ms: int) -> Decision:
    match command:
        case Write():
            return _write(state, command, at_ms)
        case Accept():
            return _accept(state, command, at_ms)
        case Close():
            return _close(state, command, at_ms)
        case Release():
            return _release(state, command, at_ms)
        case TakeOver():
            return _take_over(state, command, at_ms)
        case Requeue():
            return _requeue(state, command, at_ms)
    raise TypeError(f"not a command: {type(command).__name__}")


def _ended() -> Refused:
    return Refused(Code.CLOSED, "The conversation has ended.")


def _entry(state: State, kind: str, by: Person, at_ms: int) -> Entry:
    return Entry(site=state.site, conversation_id=state.id, seq=state.head + 1, kind=kind, author=by, at_ms=at_ms)


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
        return Refused(Code.FORBIDDEN, "Visitors cannot write notes.")
    if state.status == CLOSED:
        return _ended()
    if command.kind == "message" and command.by.kind == "agent" and not command.by.is_same(state.assignee):
        return Refused(Code.NOT_ASSIGNED, "The conversation is not assigned to this agent; accept it first.")
    entry = _entry(state, command.kind, command.by, at_ms)
    return msgspec.structs.replace(entry, client_id=command.client_id, text=command.text)


def _accept(state: State, command: Accept, at_ms: int) -> Decision:
    if command.by.kind == "visitor":
        return Refused(Code.FORBIDDEN, "Visitors cannot accept conversations.")
    if state.status == CLOSED:
        return _ended()
    if command.by.is_same(state.assignee):
        return DONE
    if state.status != WAITING:
        return Refused(Code.ALREADY_ASSIGNED, "The conversation is assigned to another agent.")
    return msgspec.structs.replace(_entry(state, "assigned", command.by, at_ms), agent=command.by)


def _close(state: State, command: Close, at_ms: int) -> Decision:
    if state.status == CLOSED:
        return DONE
    foreign = state.status == ACTIVE and not command.by.is_same(state.assignee)
    if command.by.kind == "agent" and foreign and not command.any_assignee:
        return Refused(Code.NOT_ASSIGNED, "The conversation is not assigned to this agent.")
    return _entry(state, "closed", command.by, at_ms)


def _release(state: State, command: Release, at_ms: int) -> Decision:
    if command.by.kind == "visitor":
        return Refused(Code.FORBIDDEN, "Visitors cannot release conversations.")
    if state.status == CLOSED:
        return _ended()
    if state.status == WAITING and any(command.by.is_same(agent) for agent in state.agents):
        return DONE
    if not command.by.is_same(state.assignee):
        return Refused(Code.NOT_ASSIGNED, "The conversation is not assigned to this agent.")
    entry = _entry(state, "requeued", command.by, at_ms)
    return msgspec.structs.replace(entry, agent=state.assignee, reason="released")


def _take_over(state: State, command: TakeOver, at_ms: int) -> Decision:
    if command.by.kind == "visitor" or not command.any_assignee:
        return Refused(Code.FORBIDDEN, "Only administrators take over conversations.")
    if state.status == CLOSED:
        return _ended()
    if command.by.is_same(state.assignee):
        return DONE
    if state.status == WAITING:
        return Refused(Code.NOT_ASSIGNED, "No agent has the conversation; accept it.")
    return msgspec.structs.replace(_entry(state, "assigned", command.by, at_ms), agent=command.by, by="take_over")


def _requeue(state: State, command: Requeue, at_ms: int) -> Decision:
    if command.by.kind == "visitor":
        return Refused(Code.FORBIDDEN, "Visitors cannot requeue conversations.")
    if state.status != ACTIVE or not command.agent.is_same(state.assignee):
        return DONE
    if state.head != command.base:
        return Refused(Code.CONFLICT, "The conversation goes on; it stays with its agent.")
    entry = _entry(state, "requeued", command.by, at_ms)
    return msgspec.structs.replace(entry, agent=state.assignee, reason=command.reason)
