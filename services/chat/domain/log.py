"""A conversation is a log of entries; its state is a fold over them.

Sequence numbers are dense: entry n + 1 is folded onto the state at n and no other. A kind that this version does not know counts its
seq and changes nothing else, so versions may run beside one another.
"""

import msgspec

from kit.vocabulary import ConversationStatus

# A log written anew, as by a restore from a backup, gets a higher one, and its readers start from 0.
FIRST_EPOCH = 1

# The status of a conversation whose document is there and whose first entry is not; nobody sees it but the writer.
RESERVED = "reserved"
WAITING: ConversationStatus = "waiting"
ACTIVE: ConversationStatus = "active"
CLOSED: ConversationStatus = "closed"


class Person(msgspec.Struct, frozen=True):
    """Somebody who writes or reads; `kind` is visitor, agent, integration or system."""

    kind: str
    id: str
    name: str = ""

    def is_same(self, other: "Person | None") -> bool:
        """The same somebody, whatever their name is by now."""
        return other is not None and (self.kind, self.id) == (other.kind, other.id)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `visitor`, `country` and `region` are of `opened`, `agent` of `assigned`, `text` of messages and notes."""

    site: str
    conversation: str
    seq: int
    kind: str
    author: Person
    at_ms: int
    client_id: str = ""
    text: str = ""
    agent: Person | None = None
    started_by: str = ""
    visitor: Person | None = None
    country: str = ""
    region: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation at `head`. At head 0 it is reserved: its first entry has yet to be written, from what stands here."""

    site: str
    conversation: str
    visitor: Person
    opened_by: Person
    started_at_ms: int
    country: str = ""
    region: str = ""
    epoch: int = FIRST_EPOCH
    head: int = 0
    status: str = RESERVED
    assignee: Person | None = None
    # Everyone who was assigned, in order.
    agents: tuple[Person, ...] = ()
    messages: int = 0
    last_at_ms: int = 0
    # When an agent first said something; 0 before.
    answered_at_ms: int = 0
    # 0 while open.
    ended_at_ms: int = 0

    @property
    def started_by(self) -> str:
        """visitor, or agent for whoever else it was."""
        return "visitor" if self.opened_by.kind == "visitor" else "agent"

    @property
    def open(self) -> bool:
        return self.status != CLOSED


class NotNext(Exception):
    """An entry does not follow the state that it was folded onto: the log has a hole, or was read wrongly."""


def fold(state: State, entry: Entry) -> State:
    """The state after `entry`. NotNext when it is not the next one."""
    if entry.conversation != state.conversation or entry.seq != state.head + 1:
        raise NotNext(f"{entry.conversation} {entry.seq} does not follow {state.conversation} {state.head}")
    after = msgspec.structs.replace(state, head=entry.seq, last_at_ms=entry.at_ms)
    change = _CHANGES.get(entry.kind)
    return change(after, entry) if change else after


def _opened(state: State, entry: Entry) -> State:
    return msgspec.structs.replace(
        state,
        status=WAITING,
        visitor=entry.visitor or state.visitor,
        opened_by=entry.author,
        started_at_ms=entry.at_ms,
        country=entry.country,
        region=entry.region,
    )


def _message(state: State, entry: Entry) -> State:
    first_answer = entry.author.kind == "agent" and not state.answered_at_ms
    answered_at_ms = entry.at_ms if first_answer else state.answered_at_ms
    return msgspec.structs.replace(state, messages=state.messages + 1, answered_at_ms=answered_at_ms)


def _assigned(state: State, entry: Entry) -> State:
    if entry.agent is None:
        return state
    known = any(entry.agent.is_same(agent) for agent in state.agents)
    agents = state.agents if known else (*state.agents, entry.agent)
    return msgspec.structs.replace(state, status=ACTIVE, assignee=entry.agent, agents=agents)


def _closed(state: State, entry: Entry) -> State:
    # The assignee stays: they are told of the end, and lists show whose it was.
    return msgspec.structs.replace(state, status=CLOSED, ended_at_ms=entry.at_ms)


_CHANGES = {"opened": _opened, "message": _message, "assigned": _assigned, "closed": _closed}
