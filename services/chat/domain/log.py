"""A conversation is a log of entries; its state is a fold over them.

Sequence numbers are dense: `fold` applies entry n + 1 to the state at n and refuses any other. An unknown kind advances the head and
changes nothing else, so different versions can run side by side.
"""

import msgspec

from kit.text.visible import has_visible_text
from kit.vocabulary import ConversationStatus

# A restore from a backup raises the epoch; readers with an older epoch start again from seq 0.
FIRST_EPOCH = 1

# The document exists and the first entry does not; only the process that opens the conversation sees it.
RESERVED = "reserved"
# Characters. Enough for two lines of a list.
PREVIEW_LIMIT = 160
WAITING: ConversationStatus = "waiting"
ACTIVE: ConversationStatus = "active"
CLOSED: ConversationStatus = "closed"


class Person(msgspec.Struct, frozen=True):
    """Author or reader; `kind` is visitor, agent, integration or system."""

    kind: str
    id: str
    name: str = ""

    def is_same(self, other: "Person | None") -> bool:
        """True for the same kind and id; names may differ."""
        return other is not None and (self.kind, self.id) == (other.kind, other.id)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a log.

    `visitor`, `country` and `region` belong to `opened`, `text` to messages and notes, `agent` to `assigned` (with `by`), `offered`
    (with `until_ms` and `round`), `offer_ended` and `requeued` (with `reason`), `to_agent` or `to_department` and `note` to
    `transferred`, `priority` to `prioritised`.
    """

    site: str
    conversation_id: str
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
    # How the agent got the conversation: accept, offer, automatic, start, transfer or take_over; empty in older entries.
    by: str = ""
    # offer_ended: declined, expired or withdrawn. requeued: agent_lost, no_answer, released, disabled or slot_lost.
    reason: str = ""
    until_ms: int = 0
    # From 1.
    round: int = 0
    to_agent: Person | None = None
    to_department: str = ""
    # For agents only.
    note: str = ""
    # 0 to 3.
    priority: int = 0


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation at seq `head`. At head 0 it is reserved: its first entry will be made from these fields."""

    site: str
    id: str
    visitor: Person
    opened_by: Person
    started_at_ms: int
    country: str = ""
    region: str = ""
    epoch: int = FIRST_EPOCH
    head: int = 0
    status: str = RESERVED
    assignee: Person | None = None
    # All agents that were assigned, the latest last.
    agents: tuple[Person, ...] = ()
    messages: int = 0
    last_at_ms: int = 0
    # The first message of an agent; 0 before it.
    answered_at_ms: int = 0
    # 0 while open.
    ended_at_ms: int = 0
    # The first line that the visitor wrote, or the last unanswered one of a conversation that waits again; only while it waits.
    preview: str = ""
    # Of the last message; a note is no message.
    last_line: str = ""
    # The visitor's first message after the last one of an agent; 0 when there is none, and after the end.
    unanswered_since_ms: int = 0

    @property
    def started_by(self) -> str:
        """`visitor`, or `agent` for agents, integrations and the system."""
        return "visitor" if self.opened_by.kind == "visitor" else "agent"

    @property
    def open(self) -> bool:
        return self.status != CLOSED


class NotNext(Exception):
    """An entry does not follow the state: the log has a hole, or was read out of order."""


def fold(state: State, entry: Entry) -> State:
    """The state after `entry`. NotNext when it is not the next one."""
    if entry.conversation_id != state.id or entry.seq != state.head + 1:
        raise NotNext(f"{entry.conversation_id} {entry.seq} does not follow {state.id} {state.head}")
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
    line = first_line(entry.text)
    answered_at_ms, unanswered_since_ms, preview = state.answered_at_ms, state.unanswered_since_ms, state.preview
    if entry.author.kind == "agent":
        answered_at_ms, unanswered_since_ms = answered_at_ms or entry.at_ms, 0
    elif entry.author.kind == "visitor":
        unanswered_since_ms = unanswered_since_ms or entry.at_ms
        if state.status == WAITING:
            preview = preview or line
    return msgspec.structs.replace(
        state,
        messages=state.messages + 1,
        answered_at_ms=answered_at_ms,
        preview=preview,
        last_line=line,
        unanswered_since_ms=unanswered_since_ms,
    )


def first_line(text: str) -> str:
    """The first line with a visible character, cut to PREVIEW_LIMIT."""
    return next((line.strip() for line in text.lstrip().splitlines() if has_visible_text(line)), "")[:PREVIEW_LIMIT]


def _assigned(state: State, entry: Entry) -> State:
    if entry.agent is None:
        return state
    others = tuple(agent for agent in state.agents if not entry.agent.is_same(agent))
    return msgspec.structs.replace(
        state, status=ACTIVE, assignee=entry.agent, agents=(*others, entry.agent), preview=""
    )


def _waits_again(state: State, _: Entry) -> State:
    """`requeued` or `transferred`. The conversation keeps its start, and so its place in the queue; no effect on one that waits or ended."""
    if state.status != ACTIVE:
        return state
    preview = state.last_line if state.unanswered_since_ms else ""
    return msgspec.structs.replace(state, status=WAITING, assignee=None, preview=preview)


def _closed(state: State, entry: Entry) -> State:
    # The assignee stays: hints of the end go to that agent, and lists show the agent's name.
    return msgspec.structs.replace(state, status=CLOSED, ended_at_ms=entry.at_ms, preview="", unanswered_since_ms=0)


# `offered`, `offer_ended` and `prioritised` change nothing that this version reads.
_CHANGES = {
    "opened": _opened,
    "message": _message,
    "assigned": _assigned,
    "transferred": _waits_again,
    "requeued": _waits_again,
    "closed": _closed,
}
