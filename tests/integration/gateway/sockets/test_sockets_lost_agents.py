"""The chats of an agent whose connections ended go back to the queue, where another agent accepts them. All services are real."""

from collections.abc import Callable

import pytest

from services.presence.domain.agent import LINGER_MS
from tests.integration.gateway.sockets.browser import Browser
from tests.integration.gateway.sockets.running import Stack
from tests.integration.gateway.sockets.running_gateway import SITE
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow


async def is_gone(stack: Stack, name: str) -> None:
    """Presence lists the agent as not connected, after the linger."""
    process, agent = stack.gateway.process, stack.agents[name].id
    await eventually(lambda: agent not in process.hub.sites[SITE].agents, sentence="the connection of the agent ended")
    await eventually(lambda: not len(process.presence_reporter), sentence="presence knows the end of the connection")
    stack.presence_clock.ahead_ms += LINGER_MS
    await eventually(
        lambda: agent in process.agent_roster.not_connected(SITE), sentence="the roster shows the agent as gone"
    )


def waits(conversation: str) -> Callable[[JsonObject], bool]:
    """The frame by which agents see that the conversation is in the queue."""
    return lambda frame: frame["conversation"] == conversation and frame["status"] == "waiting"


async def accepted(agent: Browser, conversation: str) -> JsonObject:
    await agent.send_frame("accept", ref="1", conversation=conversation)
    return await agent.next("reply", lambda frame: frame["ref"] == "1")


async def test_the_chat_of_an_agent_that_is_gone_waits_again_and_another_agent_accepts_it(demo: Stack) -> None:
    """I-9. The visitor reads of it without the agent's name and the reason."""
    await demo.add_site(teams=True)
    token, _ = await demo.gateway.new_visitor()
    ana_cookie, ben_cookie = await demo.sign_in("Ana"), await demo.sign_in("Ben")
    async with demo.gateway.visitor(token) as vera, demo.gateway.agent(ben_cookie) as ben:
        conversation = (await vera.send("Hello"))["conversation"]
        async with demo.gateway.agent(ana_cookie) as ana:
            await accepted(ana, conversation)
        await is_gone(demo, "Ana")

        await ben.next("conversation", waits(conversation))
        requeued = await vera.entry(kind="requeued")
        assert not {"agent", "author", "reason"} & requeued.keys(), f"the visitor reads {requeued}"
        assert (await accepted(ben, conversation))["assignee"]["name"] == "Ben"
        assert await vera.entry(kind="assigned", agent={"kind": "agent", "id": demo.agents["Ben"].id, "name": "Ben"})


async def test_a_chat_stays_with_an_agent_that_is_back_within_the_linger(demo: Stack) -> None:
    await demo.add_site(teams=True)
    token, _ = await demo.gateway.new_visitor()
    ana_cookie, gone_cookie = await demo.sign_in("Ana"), await demo.sign_in("Gone")
    async with demo.gateway.visitor(token) as vera:
        kept = (await vera.send("Hello"))["conversation"]
        async with demo.gateway.agent(ana_cookie) as ana:
            await accepted(ana, kept)
        async with demo.gateway.agent(gone_cookie):
            pass
        async with demo.gateway.agent(ana_cookie) as ana:
            await is_gone(demo, "Gone")
            await demo.gateway.process.lost_agents.check(SITE)
            assert (await ana.send("I am back.", kept))["conversation"] == kept


async def test_without_the_setting_a_chat_stays_with_its_agent(demo: Stack) -> None:
    """As in the versions before. Once the setting is on, the chat waits."""
    token, _ = await demo.gateway.new_visitor()
    ana_cookie, ben_cookie = await demo.sign_in("Ana"), await demo.sign_in("Ben")
    async with demo.gateway.visitor(token) as vera, demo.gateway.agent(ben_cookie) as ben:
        conversation = (await vera.send("Hello"))["conversation"]
        async with demo.gateway.agent(ana_cookie) as ana:
            await accepted(ana, conversation)
        await is_gone(demo, "Ana")
        await demo.gateway.process.lost_agents.check(SITE)
        assert (await accepted(ben, conversation))["code"] == "already_assigned"
        await demo.add_site(teams=True)
        await ben.next("conversation", waits(conversation))
