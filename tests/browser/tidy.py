"""Ends the chats that an agent has, so that the next test begins without them."""

import asyncio
import json
from collections.abc import Iterable

from playwright.async_api import StorageState
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

# Far more than the answers take.
PATIENCE_S = 30


async def end_chats(public: str, state: StorageState, others: Iterable[str] = ()) -> None:
    """Over a socket of their own, as the dashboard does it. An administrator may end `others`, too."""
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
        waiting: set[str] | None = None
        while waiting is None or waiting:
            frame = json.loads(await socket.recv())
            if frame["type"] == "welcome":
                own = {chat["conversation"] for chat in frame["conversations"] if chat["status"] != "closed"}
                waiting = own | set(others)
                for conversation in waiting:
                    await socket.send(json.dumps({"type": "close", "ref": conversation, "conversation": conversation}))
            elif frame["type"] == "reply" and waiting:
                waiting.discard(frame["ref"])
