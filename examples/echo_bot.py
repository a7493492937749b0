"""A bot over the websocket: it signs in as an agent, accepts waiting chats and repeats what visitors write.

Needs the packages `palique-contracts`, `httpx` and `websockets`. Settings: PALIQUE_URL, EMAIL, PASSWORD.
"""

import asyncio
import json
import os
import random
from typing import Any

import httpx
from palique_contracts.codes import CLOSES, Reaction
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

Frame = dict[str, Any]
PING_S = 20
# Each of these names conversations whose log may have grown.
NEWS = ("welcome", "reply", "entry", "stale", "reset", "pong")
LONGEST_ECHO = 3900


class EchoBot:
    """The state of one connection: frames of the server in, frames to send out.

    It reads every log by `fetch` from its begin, so nothing is missed. The client id of an answer is made from the seq of the
    question. So an answer that is sent again is stored once, also by a later connection.
    """

    def __init__(self) -> None:
        self._read: dict[str, int] = {}

    def ping(self) -> Frame:
        """Names what is read; the `pong` names what is newer, also after a `fetch` that was refused."""
        return {"type": "ping", "cursors": [{"conversation": key, "seq": seq} for key, seq in self._read.items()]}

    def answers(self, frame: Frame) -> list[Frame]:
        """The frames to send after this frame."""
        kind = frame["type"]
        if kind == "queue":
            return [self._request("accept", offer["conversation"]) for offer in frame["offers"]]
        if kind == "entries":
            return self._entries(frame)
        if kind == "reset":
            self._read.pop(frame["conversation"], None)
        if kind in NEWS:
            named = (frame, *frame.get("conversations", ()), *frame.get("heads", ()))
            return [self._fetch(one["conversation"]) for one in named if "conversation" in one]
        if kind == "nack" and frame["retry_ms"] is not None:
            conversation, _, seq = frame["client_id"].rpartition("-")
            self._read[conversation] = int(seq) - 1
            return [self._fetch(conversation)]
        return []

    def _entries(self, frame: Frame) -> list[Frame]:
        conversation, answers = frame["conversation"], list[Frame]()
        for entry in frame["items"]:
            if entry["seq"] <= self._read.get(conversation, 0):
                continue
            self._read[conversation] = entry["seq"]
            if entry["kind"] == "message" and entry["author"]["kind"] == "visitor":
                text = f"You wrote: {entry['text'][:LONGEST_ECHO]}"
                client_id = f"{conversation}-{entry['seq']}"
                answers.append({"type": "send", "client_id": client_id, "conversation": conversation, "text": text})
        return [*answers, self._fetch(conversation)] if frame["more"] else answers

    def _fetch(self, conversation: str) -> Frame:
        return {**self._request("fetch", conversation), "after": self._read.setdefault(conversation, 0)}

    def _request(self, kind: str, conversation: str) -> Frame:
        return {"type": kind, "ref": f"{kind}-{conversation}", "conversation": conversation}


async def talk(socket: ClientConnection) -> None:
    """One connection, until the server drains or closes it."""
    bot = EchoBot()

    async def ping() -> None:
        while True:
            await asyncio.sleep(PING_S * random.uniform(0.8, 1.2))
            await socket.send(json.dumps(bot.ping()))

    await socket.send(json.dumps({"type": "hello", "client": "echo-bot"}))
    pings = asyncio.create_task(ping())
    try:
        async for data in socket:
            frame = json.loads(data)
            if frame["type"] == "drain":
                return
            await asyncio.sleep((frame.get("retry_ms") or 0) / 1000)
            for answer in bot.answers(frame):
                await socket.send(json.dumps(answer))
    finally:
        pings.cancel()


async def main() -> None:
    """Runs until the server refuses the bot for good."""
    url, account = os.environ["PALIQUE_URL"], {"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"]}
    async with httpx.AsyncClient(base_url=url, headers={"origin": url}) as http:
        (await http.post("/api/v1/session", json=account)).raise_for_status()
        cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    connections = connect(
        url.replace("http", "ws", 1) + "/ws/agent",
        origin=Origin(url),
        subprotocols=[Subprotocol("palique.v1")],
        additional_headers={"cookie": cookies},
        compression=None,
    )
    async for socket in connections:
        try:
            await talk(socket)
        except ConnectionClosed as closed:
            row = CLOSES.get(closed.rcvd.code) if closed.rcvd else None
            if row and row.reaction in (Reaction.STOP, Reaction.SESSION, Reaction.RELOAD):
                raise
        await asyncio.sleep(random.uniform(0.5, 5))


if __name__ == "__main__":
    asyncio.run(main())
