"""A visitor and an agent that talk during faults: rounds of messages; some conversations end with a ticket and a new one opens."""

import asyncio
import random
from dataclasses import dataclass, field

from tests.faults.page import Page

# The share of rounds that the agent ends while the visitor still writes.
CLOSED_SHARE = 0.5
# The share of an agent's messages that are notes.
NOTES_SHARE = 0.1
MESSAGES_A_ROUND = (4, 12)


@dataclass
class Talk:
    """`run` continues until `stopping`, then finishes open work. `tickets` are the tickets of closed conversations."""

    visitor: Page
    agent: Page
    stopping: asyncio.Event
    pause_s: float
    dice: random.Random
    tickets: dict[str, str] = field(default_factory=dict)
    said: int = 0

    async def run(self) -> None:
        conversation = None
        while not self.stopping.is_set():
            answer = await self.visitor.write(self._text(), None)
            if answer["type"] == "ack":
                conversation = answer["conversation"]
                await self._round(conversation)
        if conversation is not None and conversation not in self.tickets:
            await self._close(conversation)

    async def _round(self, conversation: str) -> None:
        accepted = await self.agent.ask("accept", conversation=conversation)
        if not accepted["ok"]:
            return  # the first message was a repeat, of a conversation that is closed
        self.agent.joined(conversation)
        closes = self.dice.random() < CLOSED_SHARE
        async with asyncio.TaskGroup() as group:
            group.create_task(self._visitor_writes(conversation, until_refused=closes))
            group.create_task(self._agent_writes(conversation, closes=closes))

    async def _visitor_writes(self, conversation: str, *, until_refused: bool) -> None:
        """With `until_refused` it continues until the agent has closed it, so that some messages are refused."""
        left = self.dice.randint(*MESSAGES_A_ROUND)
        while left > 0 or until_refused:
            left -= 1
            await self._pause()
            answer = await self.visitor.write(self._text(), conversation)
            if answer["type"] == "nack" or (self.stopping.is_set() and not until_refused):
                return
            await self.visitor.mark(conversation)

    async def _agent_writes(self, conversation: str, *, closes: bool) -> None:
        for _ in range(self.dice.randint(*MESSAGES_A_ROUND)):
            if self.stopping.is_set():
                break
            await self._pause()
            kind = "note" if self.dice.random() < NOTES_SHARE else "send"
            await self.agent.write(self._text(), conversation, kind)
            await self.agent.mark(conversation)
        if closes:
            await self._close(conversation)

    async def _close(self, conversation: str) -> None:
        ticket = await self.agent.http("POST", f"/api/v1/chats/{conversation}/ticket", {})
        await self.agent.ask("close", conversation=conversation)
        self.tickets[conversation] = ticket["id"]

    def _text(self) -> str:
        self.said += 1
        return f"{self.visitor.reader.person} {self.said}: {self.dice.getrandbits(64):x} ñandú €"

    async def _pause(self) -> None:
        await asyncio.sleep(self.dice.expovariate(1 / self.pause_s))
