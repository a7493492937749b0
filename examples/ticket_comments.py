"""An internal service: when a chat closes, it comments the chat's ticket with figures from the log.

Needs the packages `palique-contracts` and `aio-pika`. Settings: AMQP_URL, CHAT_ADDRESS, TICKETS_ADDRESS, SITE, TOKEN.
"""

import asyncio
import os

import aio_pika
import grpc
from palique.chat.v1 import chat_pb2, live_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.tickets.v1 import tickets_pb2
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from palique_contracts.facts import EXCHANGE

QUEUE = "ticket-comments.events"
DEADLINE_S = 10
RETRY_S = 5
# After these the same call may succeed. Each call of this service may be repeated.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)


def summary(entries: list[chat_pb2.Entry]) -> str:
    """The text of the comment."""
    messages = [entry for entry in entries if entry.kind == "message"]
    answers = [entry for entry in messages if entry.author.kind == "agent"]
    wait = f"first answer after {(answers[0].at_ms - entries[0].at_ms) // 1000} s" if answers else "no answer"
    return f"Chat closed: {len(messages)} messages, {wait}."


class TicketComments:
    """Comments the tickets of one site."""

    def __init__(self, chat: grpc.aio.Channel, tickets: grpc.aio.Channel, site: str, token: str) -> None:
        self._chat = ChatServiceStub(chat)
        self._tickets = TicketsServiceStub(tickets)
        self._site = site
        self._metadata = (("authorization", f"Bearer {token}"),)

    async def chat_closed(self, fact: live_pb2.Fact) -> None:
        """Comments once, however often the fact arrives: the client id is made from the conversation."""
        conversation = fact.conversation.conversation
        find = tickets_pb2.GetTicketOfConversationRequest(site=self._site, conversation=conversation)
        try:
            found = await self._tickets.GetTicketOfConversation(find, timeout=DEADLINE_S, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return  # a chat without a ticket
            raise
        add = tickets_pb2.AddCommentRequest(site=self._site, ticket=found.ticket.ticket)
        add.client_id, add.text = f"closed-{conversation}", summary(await self._log(conversation))
        await self._tickets.AddComment(add, timeout=DEADLINE_S, metadata=self._metadata)

    async def _log(self, conversation: str) -> list[chat_pb2.Entry]:
        entries: list[chat_pb2.Entry] = []
        while True:
            # The entries are numbered 1, 2, 3 …
            ask = chat_pb2.FetchRequest(site=self._site, conversation=conversation, after=len(entries), limit=1000)
            page = await self._chat.Fetch(ask, timeout=DEADLINE_S, metadata=self._metadata)
            entries += page.entries
            if not page.more:
                return entries

    async def take(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        """Acknowledges the fact after its effect. An error that does not pass ends the process."""
        fact = live_pb2.Fact.FromString(message.body)
        done = fact.conversation.site != self._site
        while not done:
            try:
                await self.chat_closed(fact)
                done = True
            except grpc.aio.AioRpcError as error:
                if error.code() not in PASSING:
                    raise
                await asyncio.sleep(RETRY_S)
        await message.ack()


async def main() -> None:
    """Runs until it is stopped; meanwhile the queue keeps the facts."""
    env = os.environ
    # Where the services use TLS: `secure_channel`, with a certificate of their authority.
    chat, tickets = (grpc.aio.insecure_channel(env[name]) for name in ("CHAT_ADDRESS", "TICKETS_ADDRESS"))
    comments = TicketComments(chat, tickets, env["SITE"], env["TOKEN"])
    async with await aio_pika.connect_robust(env["AMQP_URL"]) as connection, chat, tickets:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1)
        queue = await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        await queue.bind(EXCHANGE, "chat.closed")
        async with queue.iterator() as messages:
            async for message in messages:
                await comments.take(message)


if __name__ == "__main__":
    asyncio.run(main())
