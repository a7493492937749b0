"""Service metrics for team leads: waiting and active conversations, waiting time, time to the first answer."""

from tests.integration.chat.running_chat import Running, agent, visitor
from tests.support.eventually import eventually


async def test_waiting_active_and_answer_times_are_measured(chat: Running) -> None:
    """Issue 6: each time is observed once for a conversation, and only if a visitor started it."""
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    await chat.write(visitor())
    await eventually(lambda: chat.sample("palique_conversations", status="waiting") == 2)

    await chat.accept(conversation, ana)
    assert chat.sample("palique_wait_seconds_count") == 1
    assert chat.sample("palique_first_answer_seconds_count") == 0
    for _ in range(2):
        await chat.write(ana, conversation)
        await chat.write(vera, conversation)
        assert chat.sample("palique_first_answer_seconds_count") == 1
    assert chat.sample("palique_first_answer_seconds_sum") < 60

    begun_by_ben = (await chat.start(visitor(), ben := agent("Ben"))).conversation.conversation
    await chat.write(ben, begun_by_ben)
    assert chat.sample("palique_first_answer_seconds_count") == chat.sample("palique_wait_seconds_count") == 1
    await eventually(lambda: chat.sample("palique_conversations", status="active") == 2)
    assert chat.sample("palique_conversations", status="waiting") == 1
