"""A4: limits of messages and new chats of all visitors of one address, and of new chats of one visitor."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from kit.ids import new_id
from services.gateway.settings import Settings
from tests.integration.gateway.sockets.browser import Browser
from tests.integration.gateway.sockets.running import running_stack
from tests.integration.gateway.sockets.running_gateway import RunningGateway
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow

LIMITS = (
    "message_rate",
    "message_burst",
    "frame_rate",
    "frame_burst",
    "address_connections",
    "address_sockets",
    "address_message_rate",
    "address_message_burst",
    "address_chat_rate",
    "address_chat_burst",
)
# The limits that an installation has, instead of those of the other tests.
AS_SHIPPED: JsonObject = {
    field.name: field.default for field in msgspec.structs.fields(Settings) if field.name in LIMITS
}
PROXIED: JsonObject = {"trusted_proxies": ("127.0.0.0/8",)}
OFFICE = 60


def behind(address: str) -> JsonObject:
    return {"additional_headers": {"X-Forwarded-For": address}}


async def ask(browser: Browser, text: str, conversation: str | None = None) -> JsonObject:
    """Sends a message and returns its `ack` or `nack`. The `entry` of the message, which may come first, is not the answer."""
    client_id = new_id()
    await browser.send_frame("send", client_id=client_id, conversation=conversation, text=text)

    def answer() -> JsonObject | None:
        answers = (one for one in browser.frames if one["type"] in ("ack", "nack"))
        return next((one for one in answers if one["client_id"] == client_id), None)

    found = await eventually(answer, sentence="an answer to the message")
    assert found is not None
    return found


async def visit(stack: AsyncExitStack, gateway: RunningGateway, address: str) -> Browser:
    token, _ = await gateway.new_visitor()
    return await stack.enter_async_context(gateway.visitor(token, **behind(address)))


async def test_sixty_people_behind_one_address_chat_at_once(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """With the limits as shipped: each opens a chat and writes six messages, those of one after another."""

    async def talk(browser: Browser) -> list[JsonObject]:
        first = await ask(browser, "Hello")
        return [first, *[await ask(browser, f"and {number}", first.get("conversation")) for number in range(5)]]

    async with (
        running_stack(
            mongodb_url, vhost_url, database_prefix, tmp_path, visitor_chats=10, **AS_SHIPPED, **PROXIED
        ) as demo,
        AsyncExitStack() as stack,
    ):
        people = [await visit(stack, demo.gateway, "192.0.2.60") for _ in range(OFFICE)]
        answers = [answer for talked in await asyncio.gather(*map(talk, people)) for answer in talked]
        assert [answer for answer in answers if answer["type"] != "ack"] == []
        assert len({answer["conversation"] for answer in answers}) == OFFICE


async def test_new_chats_of_one_address_are_limited_and_take_none_of_others(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    limits: JsonObject = {"address_chat_burst": 3.0, "address_chat_rate": 0.001}
    async with (
        running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, **limits, **PROXIED) as demo,
        AsyncExitStack() as stack,
    ):
        talks = [await visit(stack, demo.gateway, f"2001:db8::{number}") for number in range(4)]
        opened = [await ask(browser, "Hello") for browser in talks[:3]]
        assert {one["type"] for one in opened} == {"ack"}
        refused = await ask(talks[3], "Hello")
        assert (refused["type"], refused["code"], refused["retry_ms"] > 0) == ("nack", "too_fast", True)
        again = await ask(talks[0], "more", opened[0]["conversation"])
        assert again["type"] == "ack", "a running chat was stopped"
        other = await visit(stack, demo.gateway, "2001:db8:0:1::1")
        assert (await ask(other, "Hello"))["type"] == "ack"
        # A message without a conversation that goes to the open one takes no token.
        for text in ("one", "two", "three"):
            assert (await ask(other, text))["type"] == "ack"


async def test_messages_of_one_address_are_limited_and_a_repeat_after_the_wait_is_stored(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    limits: JsonObject = {"address_message_burst": 4.0, "address_message_rate": 5.0}
    async with (
        running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, **limits, **PROXIED) as demo,
        AsyncExitStack() as stack,
    ):
        first, second = [await visit(stack, demo.gateway, "192.0.2.7") for _ in range(2)]
        other = await visit(stack, demo.gateway, "192.0.2.8")
        for number in range(8):
            await first.send_frame("send", client_id=f"burst{number}", conversation=None, text="x")
        refused = await first.next("nack")
        assert (refused["code"], refused["retry_ms"] > 0) == ("too_fast", True)
        assert (await ask(second, "Hello"))["type"] == "nack", "each visitor of the address had a limit of their own"
        assert (await ask(other, "Hello"))["type"] == "ack"

        async def stored() -> bool:
            return bool((await ask(second, "again"))["type"] == "ack")

        await eventually(stored, sentence="a message after the wait")


async def test_one_visitor_opens_and_closes_few_chats_over_all_gateways_and_reconnects(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """The smallest input of A4: 170 chats in 15 s, here as shipped, with a new connection for each."""
    async with running_stack(
        mongodb_url, vhost_url, database_prefix, tmp_path, gateways=2, visitor_chats=10, **AS_SHIPPED
    ) as demo:
        token, _ = await demo.gateway.new_visitor()
        answers = []
        for number in range(14):
            async with demo.gateways[number % 2].visitor(token) as browser:
                answer = await ask(browser, f"Hello {number}")
                answers.append(answer)
                if answer["type"] == "ack":
                    await browser.send_frame("end", ref="e", conversation=answer["conversation"])
                    await browser.next("reply")
        assert [answer["type"] for answer in answers] == ["ack"] * 10 + ["nack"] * 4
        assert all(answer["code"] == "too_fast" and answer["retry_ms"] > 500_000 for answer in answers[10:])
