"""One visitor whose chats are closed and opened anew, through two processes, some calls given up half-way: each message is there once,
in one of the conversations, where its acknowledgement says; all but the last are closed; each log explains itself (I-1, I-2, I-25).
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
    """`what`: a message to wherever the visitor's talk is, one to the first conversation that there was, or its end.

    `given_up`: the caller goes away after so many turns of the loop, and does not learn what became of it.
    """

    what: str
    number: int
    at_second: bool
    given_up: int | None


STEPS = st.builds(
    Step,
    st.sampled_from(("say", "say", "say", "say_to_first", "close")),
    st.integers(0, 9),
    st.booleans(),
    st.none() | st.integers(0, 30),
)


class Talks:
    """What the visitor asked for and was told."""

    def __init__(self) -> None:
        self.vera = visitor()
        self.first = ""
        self.newest = ""
        self.told: dict[str, Answer] = {}
        self.said: set[str] = set()

    def heard(self, client_id: str, result: chat_pb2.AppendResult) -> None:
        """What the service answered; a second answer is the first one again."""
        answer: Answer = Code(result.code) if result.code else (result.conversation, result.seq)
        before = self.told.get(client_id, answer)
        assert before == answer or isinstance(before, Code), f"{client_id}: {before}, then {answer}"
        self.told[client_id] = answer
        if not isinstance(answer, Code):
            self.first = self.first or answer[0]
            self.newest = answer[0]

    async def take(self, one: Running, step: Step) -> None:
        asking = asyncio.create_task(self._ask(one, step))
        if step.given_up is not None:
            for _ in range(step.given_up):
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
        # What is sent again is sent to the same place, as clients do; elsewhere it is another message.
        client_id = f"{step.number}-{conversation}"
        self.said.add(client_id)
        result = await one.say(self.vera, conversation, client_id, client_id)
        self.heard(client_id, result)


def _state_before(log: list[chat_pb2.Entry], vera: chat_pb2.Person) -> State:
    opened_by = Person(vera.kind, vera.id, vera.name)
    return State(
        site=SITE, conversation=log[0].conversation, visitor=opened_by, opened_by=opened_by, started_at_ms=log[0].at_ms
    )


def _explained(log: list[chat_pb2.Entry], vera: chat_pb2.Person) -> State:
    """Each entry is what was decided on those before it."""
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    state = _state_before(log, vera)
    for found in log:
        by = Person(found.author.kind, found.author.id, found.author.name)
        entry: object = Entry(
            site=SITE, conversation=state.conversation, seq=1, kind="opened", author=by, at_ms=found.at_ms
        )
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
async def test_each_message_once_whatever_is_given_up(chat: Running, second: Running, rounds: list[list[Step]]) -> None:
    talks = Talks()
    for steps in rounds:
        await asyncio.gather(*(talks.take(second if step.at_second else chat, step) for step in steps))
    # Whoever does not know asks again, until there is an answer.
    for client_id in sorted(talks.said):
        _, _, conversation = client_id.partition("-")
        result = await chat.say(talks.vera, conversation, client_id, client_id)
        talks.heard(client_id, result)
    listed = (await second.listed(visitor=talks.vera.id)).conversations
    logs = [
        await second.log(found.conversation, ANA) for found in sorted(listed, key=lambda found: found.started_at_ms)
    ]
    states = [_explained(log, talks.vera) for log in logs]
    assert sum(state.open for state in states) <= 1
    places = [(entry.client_id, (entry.conversation, entry.seq)) for log in logs for entry in log if entry.client_id]
    assert len(dict(places)) == len(places), "a message is there twice"
    assert dict(places) == {
        client_id: answer for client_id, answer in talks.told.items() if not isinstance(answer, Code)
    }
    assert {answer for answer in talks.told.values() if isinstance(answer, Code)} <= {Code.CLOSED}
