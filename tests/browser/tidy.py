"""Accepts and ends chats as an agent does, without a browser: to fill the dashboard, and so that the next test begins without them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from playwright.async_api import Page, StorageState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.browser.guests import Seat
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.json_object import JsonObject


async def accept_chats(public: str, state: StorageState, conversations: Iterable[str]) -> None:
    """They wait for an agent, and are the agent's afterwards."""
    async with _signed_in(public, state) as (socket, _):
        await _request(socket, "accept", conversations)


async def end_chats(public: str, state: StorageState, others: Iterable[str] = ()) -> None:
    """Of the agent, over a socket of their own, as the dashboard does it. An administrator may end `others`, too."""
    async with _signed_in(public, state) as (socket, welcome):
        own = {chat["conversation"] for chat in welcome["conversations"] if chat["status"] != "closed"}
        await _request(socket, "close", own | set(others))


async def waiting_chats(page: Page, public: str, seats: Sequence[Seat]) -> list[str]:
    """Of the guests, in their order, once all of them wait."""
    visitors = [seat.visitor for seat in seats]

    async def all_wait() -> list[str]:
        found: dict[str, str] = {}
        cursor: str | None = ""
        while cursor is not None:
            answer = await page.request.get(f"{public}/api/v1/chats?status=waiting&limit=100&cursor={cursor}")
            body = await answer.json()
            found |= {item["visitor"]["id"]: item["conversation"] for item in body["items"]}
            cursor = body["next"]
        return [found[visitor] for visitor in visitors] if set(visitors) <= set(found) else []

    return await eventually(all_wait, sentence="all guests wait")


@asynccontextmanager
async def _signed_in(public: str, state: StorageState) -> AsyncIterator[tuple[ClientConnection, JsonObject]]:
    """A socket and its `welcome`."""
    cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in state["cookies"])
    async with (
        asyncio.timeout(PATIENCE_S),
        connect(
            f"ws{public.removeprefix('http')}/ws/agent",
            origin=Origin(public),
            subprotocols=[Subprotocol("palique.v1")],
            additional_headers={"Cookie": cookie},
            compression=None,
            proxy=None,
        ) as socket,
    ):
        await socket.send(json.dumps({"type": "hello", "client": "tidy/1.0", "cursors": []}))
        while (frame := json.loads(await socket.recv()))["type"] != "welcome":
            pass
        yield socket, frame


async def _request(socket: ClientConnection, kind: str, conversations: Iterable[str]) -> None:
    """One request a conversation, each after the answer to the one before: more at once would be refused."""
    for conversation in conversations:
        await socket.send(json.dumps({"type": kind, "ref": conversation, "conversation": conversation}))
        while (frame := json.loads(await socket.recv())).get("ref") != conversation:
            pass
        assert frame["type"] == "reply", frame
