"""A visitor and an agent who talk while servers die: rounds of a conversation, ended now and then with a ticket, and a new one opened."""

import asyncio
import random
from dataclasses import dataclass, field

from tests.faults.page import Page

# Of the rounds, those that the agent ends while the visitor still writes.
CLOSED_SHARE = 0.5
# Of what an agent writes, what only agents may see.
NOTES_SHARE = 0.1
MESSAGES_A_ROUND = (4, 12)


@dataclass
class Talk:
    """`run` goes on until `stopping`; then what was begun is finished. `tickets` are those of conversations that were closed."""

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
            return  # the first message was a repeated one, of a conversation that is over
        self.agent.joined(conversation)
        closes = self.dice.random() < CLOSED_SHARE
        async with asyncio.TaskGroup() as group:
            group.create_task(self._visitor_writes(conversation, until_refused=closes))
            group.create_task(self._agent_writes(conversation, closes=closes))

    async def _visitor_writes(self, conversation: str, *, until_refused: bool) -> None:
        """With `until_refused`, on until the agent has closed it: so a refusal is always under way."""
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
