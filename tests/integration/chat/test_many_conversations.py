"""One visitor whose conversations are closed and opened again, through two processes, with some calls cancelled: each message is stored
once, where its acknowledgement says; at most one conversation is open; each log is consistent (requirements I-1, I-2, I-25).
"""

import asyncio
from contextlib import suppress
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from services.chat.domain.commands import Close, Command, Write, decide
from services.chat.domain.log import Entry, Person, State, fold
from tests.integration.chat.running_chat import SITE, Running, agent, visitor

ANA = agent()
CRM = chat_pb2.Person(kind="integration", id="crm", name="crm")
Answer = tuple[str, int] | Code


class Step(NamedTuple):
    """`what`: a message without a conversation, a message to the first conversation, or a close of the newest.

    `cancel_after`: the caller cancels after so many loop iterations and gets no outcome.
    """

    what: str
    number: int
    at_second: bool
    cancel_after: int | None


STEPS = st.builds(
    Step,
    st.sampled_from(("say", "say", "say", "say_to_first", "close")),
    st.integers(0, 9),
    st.booleans(),
    st.none() | st.integers(0, 30),
)


class VisitorLog:
    """Requests and answers of the visitor."""

    def __init__(self) -> None:
        self.vera = visitor()
        self.first = ""
        self.newest = ""
        self.answers: dict[str, Answer] = {}
        self.sent: set[str] = set()

    def heard(self, client_id: str, result: chat_pb2.AppendResult) -> None:
        """Records an answer; a second answer must equal the first."""
        answer: Answer = Code(result.code) if result.code else (result.conversation, result.seq)
        before = self.answers.get(client_id, answer)
        assert before == answer or isinstance(before, Code), f"{client_id}: {before}, then {answer}"
        self.answers[client_id] = answer
        if not isinstance(answer, Code):
            self.first = self.first or answer[0]
            self.newest = answer[0]

    async def take(self, one: Running, step: Step) -> None:
        asking = asyncio.create_task(self._ask(one, step))
        if step.cancel_after is not None:
            for _ in range(step.cancel_after):
                await asyncio.sleep(0)
            asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    async def _ask(self, one: Running, step: Step) -> None:
        if step.what == "close":
            if self.newest:
                with suppress(Refused):
                    await one.close(self.newest, CRM, any_assignee=True)
            return
        conversation = self.first if step.what == "say_to_first" else ""
        # Clients retry to the same conversation; to another one it is another message.
        client_id = f"{step.number}-{conversation}"
        self.sent.add(client_id)
        result = await one.write(self.vera, conversation, client_id, client_id)
        self.heard(client_id, result)


def _state_before(log: list[chat_pb2.Entry], vera: chat_pb2.Person) -> State:
    opened_by = Person(vera.kind, vera.id, vera.name)
    return State(site=SITE, id=log[0].conversation, visitor=opened_by, opened_by=opened_by, started_at_ms=log[0].at_ms)


def _explained(log: list[chat_pb2.Entry], vera: chat_pb2.Person) -> State:
    """Each entry follows from the decision on the entries before it."""
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    state = _state_before(log, vera)
    for found in log:
        by = Person(found.author.kind, found.author.id, found.author.name)
        entry: object = Entry(site=SITE, conversation_id=state.id, seq=1, kind="opened", author=by, at_ms=found.at_ms)
        if found.seq > 1:
            command: Command = Write(SITE, by, "message", found.client_id, found.text)
            if found.kind == "closed":
                command = Close(SITE, by, any_assignee=True)
            entry = decide(state, command, found.at_ms)
        assert isinstance(entry, Entry), f"{found} could not follow"
        assert (entry.seq, entry.kind) == (found.seq, found.kind)
        state = fold(state, entry)
    return state


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(st.lists(STEPS, min_size=1, max_size=4), max_size=7))
async def test_each_message_is_stored_once_with_cancelled_calls(
    chat: Running, second: Running, rounds: list[list[Step]]
) -> None:
    talks = VisitorLog()
    for steps in rounds:
        await asyncio.gather(*(talks.take(second if step.at_second else chat, step) for step in steps))
    # Unanswered messages are sent again until there is an answer.
    for client_id in sorted(talks.sent):
        _, _, conversation = client_id.partition("-")
        result = await chat.write(talks.vera, conversation, client_id, client_id)
        talks.heard(client_id, result)
    listed = (await second.list_conversations(visitor=talks.vera.id)).conversations
    logs = [
        await second.log(found.conversation, ANA) for found in sorted(listed, key=lambda found: found.started_at_ms)
    ]
    states = [_explained(log, talks.vera) for log in logs]
    assert sum(state.open for state in states) <= 1
    places = [(entry.client_id, (entry.conversation, entry.seq)) for log in logs for entry in log if entry.client_id]
    assert len(dict(places)) == len(places), "a message is there twice"
    assert dict(places) == {
        client_id: answer for client_id, answer in talks.answers.items() if not isinstance(answer, Code)
    }
    assert {answer for answer in talks.answers.values() if isinstance(answer, Code)} <= {Code.CLOSED}
