"""A bot over the websocket: it signs in as an agent, accepts waiting chats and repeats what visitors write.

Needs the packages `palique-contracts`, `httpx` and `websockets`. Settings: PALIQUE_URL, EMAIL, PASSWORD.
"""

import asyncio
import json
import os
import random
import sys
from contextlib import suppress

import httpx
from palique_contracts.codes import pause_s
from palique_contracts.logs import Frame, Logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol


def answers(logs: Logs, frame: Frame) -> list[Frame]:
    """The frames to send after this one."""
    if frame["type"] == "queue":
        return [{"type": "accept", "ref": "accept", "conversation": one["conversation"]} for one in frame["offers"]]
    if frame["type"] == "nack" and frame["retry_ms"] is not None:
        conversation, _, seq = frame["client_id"].rpartition("-")
        return [logs.read_again(conversation, int(seq))]
    entries, fetches = logs.take(frame)
    asked = [one for one in entries if one["kind"] == "message" and one["author"]["kind"] == "visitor"]
    return [*(echo(one) for one in asked), *fetches]


def echo(entry: Frame) -> Frame:
    """The answer to a message. The client id is made from its seq, so the answer is stored once however often it is sent."""
    conversation, text = entry["conversation"], f"You wrote: {entry['text'][:3900]}"
    return {"type": "send", "client_id": f"{conversation}-{entry['seq']}", "conversation": conversation, "text": text}


async def ping(socket: ClientConnection, logs: Logs) -> None:
    """Keeps the connection open, and finds what it has missed."""
    while True:
        await asyncio.sleep(20 * random.uniform(0.8, 1.2))
        await socket.send(json.dumps(logs.ping()))


async def talk(socket: ClientConnection) -> bool:
    """One connection, until the server drains or closes it; True when it was a good one."""
    logs, welcome = Logs(), False
    pings = asyncio.create_task(ping(socket, logs))
    with suppress(ConnectionClosed):
        await socket.send(json.dumps({"type": "hello", "client": "echo-bot"}))
        async for data in socket:
            frame = json.loads(data)
            welcome |= frame["type"] == "welcome"
            if frame["type"] == "drain":
                await asyncio.sleep(random.uniform(0, frame["within_ms"] / 1000))
                break
            await asyncio.sleep((frame.get("retry_ms") or 0) / 1000)
            for answer in answers(logs, frame):
                await socket.send(json.dumps(answer))
    pings.cancel()
    return welcome


async def main() -> None:
    """Runs until the server refuses the bot for good."""
    url, account = os.environ["PALIQUE_URL"], {"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"]}
    async with httpx.AsyncClient(base_url=url, headers={"origin": url}) as http:
        (await http.post("/api/v1/session", json=account)).raise_for_status()
        headers = {"origin": url, "cookie": "; ".join(f"{name}={value}" for name, value in http.cookies.items())}
    address, protocols, failures = url.replace("http", "ws", 1) + "/ws/agent", [Subprotocol("palique.v1")], 0
    async for socket in connect(address, additional_headers=headers, subprotocols=protocols, compression=None):
        failures = 0 if await talk(socket) else failures + 1
        wait_s = pause_s(socket.close_code, socket.close_reason or "", failures)
        if wait_s is None:
            sys.exit(f"Palique closed the connection for good: {socket.close_code} {socket.close_reason}")
        await asyncio.sleep(wait_s)


if __name__ == "__main__":
    asyncio.run(main())
