"""What a team lead looks at: who waits, who is served, and how long the first answer took."""

from tests.integration.chat.running_chat import Running, agent, visitor
from tests.support.eventually import eventually


async def test_waiting_active_and_answer_times_are_told(chat: Running) -> None:
    """Issue 6: the product's own figures, once a conversation, and only where a visitor waited."""
    vera, ana = visitor(), agent()
    conversation = (await chat.say(vera)).conversation
    await chat.say(visitor())
    await eventually(lambda: chat.sample("palique_conversations", status="waiting") == 2)

    await chat.accept(conversation, ana)
    assert chat.sample("palique_wait_seconds_count") == 1
    assert chat.sample("palique_first_answer_seconds_count") == 0
    for _ in range(2):
        await chat.say(ana, conversation)
        await chat.say(vera, conversation)
        assert chat.sample("palique_first_answer_seconds_count") == 1
    assert chat.sample("palique_first_answer_seconds_sum") < 60

    begun_by_ben = (await chat.start(visitor(), ben := agent("Ben"))).conversation.conversation
    await chat.say(ben, begun_by_ben)
    assert chat.sample("palique_first_answer_seconds_count") == chat.sample("palique_wait_seconds_count") == 1
    await eventually(lambda: chat.sample("palique_conversations", status="active") == 2)
    assert chat.sample("palique_conversations", status="waiting") == 1
