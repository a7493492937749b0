"""Open conversations between visitors and agents, for load: each visitor sends the next message after an acknowledgement.

The protocol allows one unacknowledged message per conversation. Messages that agents get are counted and compared with acknowledged ones.
"""

import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress

from bench.people import Directory, Person, asked, come_as_agent, come_as_visitor, read_log, side_by_side, spread
from bench.websocket import Socket
from tests.support.json_object import JsonObject

# The usual length of a message.
TEXT = "Is the blue teapot on the front page still in stock, and how long would it take?"
# A refused message is sent again after this wait.
AGAIN_S = 0.1
# The wait for unacknowledged messages when sending stops.
QUIET_S = 10.0


class Talk:
    """One conversation, from the visitor's side."""

    __slots__ = ("_at", "_number", "_owner", "_prefix", "_socket", "conversation", "is_answered")

    def __init__(self, owner: "Talks") -> None:
        self._owner = owner
        self._socket: Socket | None = None
        self._prefix = uuid.uuid4().hex[:20]
        self._number = 0
        self._at = 0.0
        self.conversation: str | None = None
        # Set when no message is unacknowledged.
        self.is_answered = True

    async def open(self, gateway: str, person: Person) -> None:
        """Connects and sends the first message, which opens the conversation."""
        self._socket = await come_as_visitor(gateway, person, self._take)
        first = {"type": "send", "client_id": f"{self._prefix}-open", "conversation": None, "text": TEXT}
        answer = await asked(self._socket, first, lambda heard: heard["type"] in ("ack", "nack"))
        self.conversation = answer["conversation"]

    def say(self) -> None:
        """Sends a message; its acknowledgement triggers the next one while the owner runs continuously."""
        self._number += 1
        self.is_answered = False
        self._at = time.perf_counter()
        self._owner.sent(f"{self._prefix}-{self._number}", self._at)
        self._send()

    def _send(self) -> None:
        assert self._socket is not None
        ident = f"{self._prefix}-{self._number}"
        text = f'{{"type":"send","client_id":"{ident}","conversation":"{self.conversation}","text":"{TEXT}"}}'
        self._socket.send(text.encode())

    def _take(self, text: bytes) -> None:
        if text.startswith(b'{"type":"ack"'):
            if b"-open" not in text:
                self.is_answered = True
                self._owner.acknowledged(self, time.perf_counter() - self._at)
        elif text.startswith(b'{"type":"nack"'):
            self._owner.refused += 1
            asyncio.get_running_loop().call_later(AGAIN_S, self._send)


class Talks:
    """Many conversations. Counts accumulate until `reset`."""

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self.agents: list[Socket] = []
        self.acks = 0
        self.heard = 0
        self.refused = 0
        self.ack_s: list[float] = []
        self.entry_s: list[float] = []
        # True when an acknowledgement triggers the next message; false when only `say` sends.
        self.sends_on = False
        self._sent: dict[bytes, float] = {}
        self._all_heard = asyncio.Event()

    async def open(self, people: Directory, gateways: Sequence[str], number: int, agents: int) -> None:
        """Connects all visitors and agents; each agent accepts a share of the conversations."""
        visitors = spread(await people.visitors(number), gateways)
        self.talks = [Talk(self) for _ in visitors]
        await side_by_side(talk.open(*who) for talk, who in zip(self.talks, visitors, strict=True))
        for position, (gateway, person) in enumerate(spread(await people.agents(agents), gateways)):
            socket = await come_as_agent(gateway, person, self._take_at_agent)
            self.agents.append(socket)
            for talk in self.talks[position::agents]:
                accept = {"type": "accept", "ref": talk.conversation, "conversation": talk.conversation}
                answer = await asked(socket, accept, lambda heard: heard["type"] == "reply")
                if not answer["ok"]:
                    raise AssertionError(f"a conversation was not accepted: {answer}")
                await read_log(socket, answer["conversation"])

    def reset(self) -> None:
        """Resets all counts."""
        self.acks = self.heard = self.refused = 0
        self.ack_s, self.entry_s = [], []

    async def run(self, seconds: float) -> float:
        """All visitors send for so long. Returns the real duration."""
        began, self.sends_on = time.perf_counter(), True
        for talk in self.talks:
            talk.say()
        await asyncio.sleep(seconds)
        self.sends_on = False
        return time.perf_counter() - began

    async def quiet(self) -> None:
        """Waits until every message has reached its agent; AssertionError when that takes too long."""
        self._all_heard.clear()
        if self._sent:
            with suppress(TimeoutError):
                async with asyncio.timeout(QUIET_S):
                    await self._all_heard.wait()
        if self._sent:
            raise AssertionError(f"{len(self._sent)} messages never came to their agents")

    def sent(self, ident: str, at: float) -> None:
        self._sent[ident.encode()] = at

    def acknowledged(self, talk: Talk, took_s: float) -> None:
        self.acks += 1
        self.ack_s.append(took_s)
        if self.sends_on:
            talk.say()

    def _take_at_agent(self, text: bytes) -> None:
        if not text.startswith(b'{"type":"entry"'):
            return
        start = text.find(b'"client_id":"')
        if start < 0:
            return
        start += 13
        at = self._sent.pop(text[start : text.index(b'"', start)], None)
        if at is not None:
            self.heard += 1
            self.entry_s.append(time.perf_counter() - at)
            if not self._sent:
                self._all_heard.set()


def milliseconds(values: Sequence[float], share: float) -> float:
    """The percentile: the value below which this share of the values lies."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def described(talks: Talks, seconds: float, used: dict[str, float]) -> JsonObject:
    """The figures of one run."""
    return {
        "per_s": talks.acks / seconds,
        "heard": talks.heard,
        "refused": talks.refused,
        "ack_ms": {"p50": milliseconds(talks.ack_s, 0.5), "p99": milliseconds(talks.ack_s, 0.99)},
        "entry_ms": {"p50": milliseconds(talks.entry_s, 0.5), "p99": milliseconds(talks.entry_s, 0.99)},
        "cpu_s_per_1000": {name: 1000 * value / talks.acks for name, value in used.items()},
    }
