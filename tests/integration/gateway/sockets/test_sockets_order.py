"""A close, an end and a release come after the messages that the same person sent before, however slow those are."""

from pathlib import Path

import pytest

from kit.ids import new_id
from tests.integration.gateway.sockets.browser import Browser
from tests.integration.gateway.sockets.running import Stack, running_stack

pytestmark = pytest.mark.slow

# Longer than a close takes, so that it overtakes messages that it does not wait for.
SLOW = {"gateway": "send.before_call=delay(700)"}


async def kinds_of(agent: Browser, conversation: str) -> list[str]:
    """The kinds of the log's entries after the opening."""
    await agent.send_frame("fetch", ref="log", conversation=conversation, epoch=1, after=1, limit=100)
    page = await agent.next("entries", lambda frame: frame["ref"] == "log")
    return [item["kind"] for item in page["items"]]


async def last_word(sender: Browser, conversation: str, then: str) -> None:
    """Sends a message and the frame behind it, without a pause; returns when the message has its answer."""
    client_id = new_id()
    await sender.send_frame("send", client_id=client_id, conversation=conversation, text="Bye")
    await sender.send_frame(then, ref="last", conversation=conversation)
    ended = await sender.next("reply", lambda frame: frame["ref"] == "last")
    assert ended["ok"], ended
    answers = [frame for frame in sender.frames if frame.get("client_id") == client_id]
    assert [frame["type"] for frame in answers] == ["ack"], answers


async def talk(demo: Stack, then: str) -> list[str]:
    await demo.add_site(teams=True)
    token, _ = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera, demo.gateway.agent(await demo.sign_in("Ana")) as ana:
        conversation = (await vera.send("Hello"))["conversation"]
        await ana.send_frame("accept", ref="1", conversation=conversation)
        await ana.next("reply", lambda frame: frame["ref"] == "1")
        await last_word(vera if then == "end" else ana, conversation, then)
        return await kinds_of(ana, conversation)


@pytest.mark.parametrize(("then", "last"), [("close", "closed"), ("release", "requeued"), ("end", "closed")])
async def test_the_last_message_is_in_the_log_before_what_ends_the_right_to_write(
    then: str, last: str, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, failpoints=SLOW) as demo:
        assert await talk(demo, then) == ["message", "assigned", "message", last]
