"""Floods of one gateway, in a process of their own: `python -m bench.flood_client FLOOD GATEWAY TOKENS` prints what came of one, as JSON.

Only against loopback. Every flood is bounded in time and number.
"""

import asyncio
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import uvloop

from bench.people import Person, asked, come_as_visitor
from bench.websocket import FINAL, MASKED, PING, PONG, TEXT, ZERO_MASK, Socket

SECONDS = 4.0
# What waits in this process for the gateway, at most.
AHEAD_BYTES = 1024 * 1024
CONNECTIONS, ADDRESSES = 4_000, 40
CHATS, SIGN_INS = 200, 60
Outcome = dict[str, Any]


def head(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """A short frame of a client."""
    return bytes(((FINAL if final else 0) | opcode, MASKED | len(payload))) + ZERO_MASK + payload


async def flood_frames(gateway: str, people: Sequence[Person], first: bytes, frame: bytes, limit: int) -> Outcome:
    """Sends a frame repeatedly, `limit` times at most, until the gateway closes the socket or the time is over."""
    socket = await come_as_visitor(gateway, people[0], _nothing)
    gone = asyncio.Event()
    socket.gone = gone.set
    began, sent, chunk = time.perf_counter(), 0, frame * (65536 // len(frame))
    socket.transport.write(first)
    while not gone.is_set() and time.perf_counter() - began < SECONDS and sent < limit:
        if socket.transport.get_write_buffer_size() < AHEAD_BYTES:
            socket.transport.write(chunk)
            sent += len(chunk) // len(frame)
        await asyncio.sleep(0)
    with suppress(TimeoutError):
        await asyncio.wait_for(gone.wait(), SECONDS)
    closed_after_s = time.perf_counter() - began
    if not gone.is_set():
        socket.cut()
    return {"what": f"{sent:,} frames", "close": socket.code, "closed_after_s": closed_after_s}


async def flood_connections(gateway: str, first: bytes) -> Outcome:
    """Opens connections from many addresses, sends a few bytes on each, and waits."""
    host, _, port = gateway.partition(":")
    ended, open_ = 0, list[asyncio.StreamWriter]()

    async def one(number: int) -> None:
        nonlocal ended
        source = (f"127.0.1.{1 + number % ADDRESSES}", 0)
        try:
            reader, writer = await asyncio.open_connection(host, int(port), local_addr=source)
            open_.append(writer)
            writer.write(first)
            await reader.read()
        except OSError:
            pass
        ended += 1

    tasks = [asyncio.create_task(one(number)) for number in range(CONNECTIONS)]
    await asyncio.wait(tasks, timeout=SECONDS)
    closed_early = ended
    for task in tasks:
        task.cancel()
    for writer in open_:
        if not writer.is_closing():
            writer.transport.abort()
    return {
        "what": f"{CONNECTIONS:,} connections of {ADDRESSES} addresses",
        "close": f"{closed_early:,} closed by then",
    }


async def flood_chats(gateway: str, people: Sequence[Person]) -> Outcome:
    """One visitor opens a chat and ends it, as fast as the answers come; a refusal is not obeyed."""
    socket = await come_as_visitor(gateway, people[0], _nothing)
    gone = asyncio.Event()
    socket.gone = gone.set
    began, answers = time.perf_counter(), Counter[str]()
    with suppress(TimeoutError, OSError):
        while not gone.is_set() and answers.total() < CHATS and time.perf_counter() - began < SECONDS:
            await asyncio.wait_for(_one_chat(socket, answers), 2.0)
    if not gone.is_set():
        socket.cut()
    return {"what": f"{answers['opened']} chats opened", "close": socket.code or _counted(answers)}


async def _one_chat(socket: Socket, answers: Counter[str]) -> None:
    client_id = uuid.uuid4().hex
    send = {"type": "send", "client_id": client_id, "conversation": None, "text": "Hello"}
    answer = await asked(socket, send, lambda heard: heard.get("client_id") == client_id and heard["type"] != "entry")
    answers[answer.get("code", "opened")] += 1
    if answer["type"] == "ack":
        end = {"type": "end", "ref": client_id, "conversation": answer["conversation"]}
        await asked(socket, end, lambda heard: heard.get("ref") == client_id)


async def flood_sign_ins(gateway: str) -> Outcome:
    """Sign-ins with a wrong password, all at once."""
    body = {"email": "agent@palique.test", "password": "not the right password"}
    headers = {"origin": f"http://{gateway}"}
    async with httpx.AsyncClient(base_url=f"http://{gateway}", headers=headers, timeout=60, trust_env=False) as http:
        answers = await asyncio.gather(*(http.post("/api/v1/session", json=body) for _ in range(SIGN_INS)))
    statuses = Counter(str(answer.status_code) for answer in answers)
    return {"what": f"{SIGN_INS} sign-ins at once", "close": _counted(statuses)}


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(found.items()))


def _nothing(_: bytes) -> None:
    pass


def _frames(first: bytes, frame: bytes, limit: int) -> Callable[[str, Sequence[Person]], Awaitable[Outcome]]:
    return lambda gateway, people: flood_frames(gateway, people, first, frame, limit)


HALF_HEAD = b"GET /ws/visitor HTTP/1.1\r\nHost: x\r\nUpgr"
MILLION = 1_000_000
FLOODS: dict[str, Callable[[str, Sequence[Person]], Awaitable[Outcome]]] = {
    "pings": _frames(b"", head(PING, b"x"), MILLION),
    "unasked pongs": _frames(b"", head(PONG, b"x"), MILLION),
    "empty continuation frames": _frames(head(TEXT, b"x", final=False), head(0, final=False), MILLION),
    "1 MiB in fragments of 2 bytes": _frames(head(TEXT, b"xx", final=False), head(0, b"xx", final=False), 2**19),
    "half heads": lambda gateway, _: flood_connections(gateway, HALF_HEAD),
    "silent connections": lambda gateway, _: flood_connections(gateway, b""),
    "opening and closing chats": flood_chats,
    "sign-ins": lambda gateway, _: flood_sign_ins(gateway),
}

OF_CONNECTIONS = frozenset({"half heads", "silent connections"})


@asynccontextmanager
async def flood(name: str, gateway: str, person: Person) -> AsyncIterator[asyncio.Task[Outcome]]:
    """Starts one in a process of its own; the task returns what came of it."""
    arguments = ("-m", "bench.flood_client", name, gateway, person.id, person.secret)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)

    async def outcome() -> Outcome:
        out, _ = await process.communicate()
        found: Outcome = json.loads(out)
        return found

    try:
        yield asyncio.create_task(outcome())
    finally:
        with suppress(ProcessLookupError):
            process.kill()


def main() -> None:
    name, gateway, *person = sys.argv[1:]
    if not gateway.startswith("127."):
        sys.exit("Only against loopback.")
    print(json.dumps(uvloop.run(_run(name, gateway, Person(*person)))))


async def _run(name: str, gateway: str, person: Person) -> Outcome:
    """With its times by the clock of the machine, and the CPU time of the flood without that of the start."""
    began, cpu_s = time.perf_counter(), time.process_time()
    outcome = await FLOODS[name](gateway, [person])
    return {**outcome, "began": began, "ended": time.perf_counter(), "cpu_s": time.process_time() - cpu_s}


if __name__ == "__main__":
    main()
