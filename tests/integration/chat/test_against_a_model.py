"""Two processes against a model that is one list: each request to either process gets the model's answer."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from services.chat.domain.commands import Accept, Close, Command, Release, Requeue, TakeOver, Write, decide
from services.chat.domain.log import Entry, Person, State, fold
from services.chat.proto_mapping import person_pb
from tests.integration.chat.running_chat import SITE, Running, agent, visitor

pytestmark = pytest.mark.slow

ANA, BEN = agent(), agent("Ben")
PALIQUE = Person("system", "palique")
CRM = chat_pb2.Person(kind="integration", id="crm", name="crm")
# Action, author and client id: few ids, so that many are duplicates.
writes = st.tuples(st.just("write"), st.sampled_from(("vera", "ana", "ben", "crm")), st.integers(0, 6))
notes = st.tuples(st.just("note"), st.sampled_from(("ana", "ben")), st.integers(7, 9))
accepts = st.tuples(st.just("accept"), st.sampled_from(("ana", "ben")), st.just(0))
releases = st.tuples(st.just("release"), st.sampled_from(("ana", "ben", "crm")), st.just(0))
take_overs = st.tuples(st.just("take_over"), st.sampled_from(("ana", "ben")), st.just(0))
requeues = st.tuples(st.just("requeue"), st.sampled_from(("ana", "ben")), st.just(0))
closes = st.tuples(st.just("close"), st.sampled_from(("vera", "ana", "ben", "crm")), st.just(0))
Step = tuple[str, str, int]


class Model:
    """The service as one list of entries for a visitor."""

    def __init__(self, vera: chat_pb2.Person) -> None:
        self.people = {"vera": vera, "ana": ANA, "ben": BEN, "crm": CRM}
        self.log: list[Entry] = []
        self.state: State | None = None
        self.first: dict[tuple[str, str], int] = {}

    def opened(self, conversation: str) -> None:
        vera = self.person("vera")
        self.state = State(site=SITE, id=conversation, visitor=vera, opened_by=vera, started_at_ms=0)
        opening = Entry(site=SITE, conversation_id=conversation, seq=1, kind="opened", author=vera, at_ms=0)
        self._add(opening)

    def person(self, name: str) -> Person:
        message = self.people[name]
        return Person(message.kind, message.id, message.name)

    def command(self, step: Step) -> Command:
        what, who, number = step
        by = self.person(who)
        if what == "accept":
            return Accept(SITE, by)
        if what == "close":
            return Close(SITE, by)
        if what == "release":
            return Release(SITE, by)
        if what == "take_over":
            return TakeOver(SITE, by, any_assignee=True)
        if what == "requeue":
            assert self.state is not None
            return Requeue(SITE, PALIQUE, by, self.state.head, "agent_lost")
        return Write(SITE, by, "note" if what == "note" else "message", f"{number}", f"{number}")

    def expected(self, step: Step) -> int | Code:
        """The seq of the entry, the head if nothing changes, or the code of the refusal."""
        command = self.command(step)
        assert self.state is not None
        key = (command.by.id, command.client_id) if isinstance(command, Write) else None
        if key is not None and key in self.first:
            return self.first[key]
        decision = decide(self.state, command, 0)
        if isinstance(decision, Refused):
            return decision.code
        if isinstance(decision, Entry):
            self._add(decision)
            if key is not None:
                self.first[key] = decision.seq
        return self.state.head

    def _add(self, entry: Entry) -> None:
        assert self.state is not None
        self.log.append(entry)
        self.state = fold(self.state, entry)


async def answer_of(one: Running, model: Model, step: Step) -> int | Code:
    """The answer of the service."""
    assert model.state is not None
    conversation = model.state.id
    what, who, number = step
    by = model.people[who]
    try:
        if what == "accept":
            return (await one.accept(conversation, by)).head
        if what == "close":
            return (await one.close(conversation, by)).head
        if what == "release":
            return (await one.release(conversation, by)).head
        if what == "take_over":
            return (await one.take_over(conversation, by)).head
        if what == "requeue":
            await one.requeue([by.id])
            return (await one.get(conversation, by)).head
        kind = "note" if what == "note" else "message"
        result = await one.write(by, conversation, f"{number}", f"{number}", kind)
    except Refused as refused:
        return refused.code
    return Code(result.code) if result.code else result.seq


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    taken=st.lists(
        st.tuples(st.booleans(), st.one_of(writes, writes, notes, accepts, releases, take_overs, requeues, closes)),
        max_size=15,
    )
)
async def test_sequential_requests_get_the_answers_of_the_model(
    chat: Running, second: Running, taken: list[tuple[bool, Step]]
) -> None:
    model = Model(visitor())
    model.opened((await chat.start(model.people["vera"], model.people["vera"])).conversation.conversation)
    for at_second, step in taken:
        assert await answer_of(second if at_second else chat, model, step) == model.expected(step)
    assert model.state is not None
    log = await chat.log(model.state.id, ANA)
    assert [(entry.seq, entry.kind, entry.author, entry.client_id, entry.text) for entry in log] == [
        (entry.seq, entry.kind, person_pb(entry.author), entry.client_id, entry.text) for entry in model.log
    ]
    state = await second.get(model.state.id, ANA)
    assert (state.status, state.assignee.id, state.messages) == (
        model.state.status,
        model.state.assignee.id if model.state.assignee else "",
        model.state.messages,
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    taken=st.lists(
        st.tuples(st.booleans(), st.one_of(writes, writes, notes, accepts, releases, take_overs, requeues, closes)),
        max_size=15,
    )
)
async def test_concurrent_requests_are_explained_by_one_order(
    chat: Running, second: Running, taken: list[tuple[bool, Step]]
) -> None:
    """The order of the log explains every answer: each entry was decided on the entries before it."""
    model = Model(visitor())
    model.opened((await chat.start(model.people["vera"], model.people["vera"])).conversation.conversation)
    answers = await asyncio.gather(
        *(answer_of(second if at_second else chat, model, step) for at_second, step in taken)
    )
    assert model.state is not None
    log = await chat.log(model.state.id, ANA)
    for found in log[1:]:
        command = model.command(_step_of(found, model))
        decision = decide(model.state, command, 0)
        assert isinstance(decision, Entry), f"{found} could not follow {model.log}"
        assert (decision.seq, decision.kind) == (found.seq, found.kind)
        model.state = fold(model.state, decision)
    seqs = {(entry.author.id, entry.client_id): entry.seq for entry in log if entry.client_id}
    assert len(seqs) == sum(bool(entry.client_id) for entry in log)
    for (_, step), answer in zip(taken, answers, strict=True):
        command = model.command(step)
        if isinstance(command, Write):
            assert seqs.get((command.by.id, command.client_id), answer) == answer or isinstance(answer, Code)
            assert isinstance(answer, Code) or (command.by.id, command.client_id) in seqs
    assert {answer for answer in answers if isinstance(answer, Code)} <= {
        Code.CLOSED,
        Code.NOT_ASSIGNED,
        Code.ALREADY_ASSIGNED,
    }


def _step_of(entry: chat_pb2.Entry, model: Model) -> Step:
    acting = entry.agent if entry.author.kind == "system" else entry.author
    who = next(name for name, person in model.people.items() if person.id == acting.id)
    kinds = {"assigned": "accept", "closed": "close", "note": "note", "message": "write", "requeued": "release"}
    what = {"take_over": "take_over", "agent_lost": "requeue"}.get(entry.by or entry.reason, kinds[entry.kind])
    return what, who, int(entry.client_id or 0)
