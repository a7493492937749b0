"""A gateway's view, built from lists and hints, converges to the stored state: two processes on the real database and broker, lists read
during the changes, hints lost, duplicated and late.
"""

import asyncio
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from palique.chat.v1 import chat_pb2

from kit.codes import Refused
from kit.ids import new_id
from services.gateway.connection.frame_codec import conversation_state
from services.gateway.fanout.waiting_queue import WaitingConversation, WaitingQueue
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.running_chat import Running, agent, visitor

# Action, visitor (one of three), and process.
WHAT = ("say", "start", "start", "accept", "accept", "close")
STEPS = st.tuples(st.sampled_from(WHAT), st.integers(0, 2), st.booleans())
ROUNDS = st.lists(st.lists(STEPS, min_size=1, max_size=4), min_size=2, max_size=6)
State = chat_pb2.Conversation


class GatewayView:
    """Conversations and queue of a site as a gateway holds them, restricted to the visitors of this example."""

    def __init__(self, visitors: set[str]) -> None:
        self.visitors = visitors
        self.queue = WaitingQueue()
        self.states: dict[str, State] = {}

    def heard(self, state: State) -> None:
        if state.visitor.id not in self.visitors:
            return
        known = self.states.get(state.conversation)
        if known is None or known.head < state.head:
            self.states[state.conversation] = state
        if state.status == "waiting":
            self.queue.add(_offer(state))
        else:
            self.queue.remove(state.conversation, state.head)

    async def answered(self, found: chat_pb2.SyncResponse, chat: Running, reader: chat_pb2.Person) -> None:
        """Applies a list; conversations that are no longer in it are read one by one."""
        waiting = [state for state in found.waiting if state.visitor.id in self.visitors]
        _, gone = self.queue.apply_snapshot(_offer(state) for state in waiting)
        for state in (*found.conversations, *waiting):
            self.heard(state)
        for conversation in gone:
            self.heard(await chat.get(conversation, reader))


def _offer(state: State) -> WaitingConversation:
    return WaitingConversation(
        state.conversation, state.visitor.id, state.started_at_ms, state.head, conversation_state(state)
    )


async def _step(one: Running, step: str, who: chat_pb2.Person, ana: chat_pb2.Person) -> None:
    try:
        if step == "say":
            await one.write(who)
            return
        conversation = (await one.start(who, who)).conversation.conversation
        if step == "accept":
            await one.accept(conversation, ana)
        elif step == "close":
            await one.close(conversation, ana, any_assignee=True)
    except Refused:
        return  # lost a race


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=ROUNDS, seed=st.integers(0, 2**32))
async def test_lists_and_hints_in_any_order_converge(
    chat: Running, second: Running, ear: Ear, rounds: list[list[tuple[str, int, bool]]], seed: int
) -> None:
    people, ana = [visitor() for _ in range(3)], agent(f"Ana {new_id()}")
    view = GatewayView({person.id for person in people})
    done = 0
    # The hints that have arrived by now depend on timing, so Hypothesis cannot draw from them.
    dice = random.Random(seed)  # noqa: S311 - not a secret
    for steps in rounds:
        view.queue.begin_snapshot()
        reading = asyncio.create_task(second.sync(waiting=True, agents=[ana.id]))
        await asyncio.gather(*(_step(second if at else chat, step, people[who], ana) for step, who, at in steps))
        heard = [entry.state for batch in ear.batches[done:] for entry in batch.entries if entry.HasField("state")]
        done = len(ear.batches)
        for state in dice.sample(heard, len(heard)):
            for _ in range(dice.randint(0, 2)):
                view.heard(state)
        await view.answered(await reading, chat, ana)
    # Hints were lost, so it syncs once more; late hints arrive after the response.
    view.queue.begin_snapshot()
    now = await chat.sync(waiting=True, agents=[ana.id], visitors=sorted(view.visitors))
    await view.answered(now, chat, ana)
    for batch in dice.sample(ear.batches, len(ear.batches)):
        for entry in batch.entries:
            if entry.HasField("state"):
                view.heard(entry.state)
    waiting = {state.conversation for state in now.waiting if state.visitor.id in view.visitors}
    assert {offer.id for offer in view.queue.ordered()} == waiting
    for conversation, state in view.states.items():
        truth = await second.get(conversation, ana)
        # Messages change none of these fields.
        assert (state.status, state.assignee.id) == (truth.status, truth.assignee.id)
