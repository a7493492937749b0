"""An internal service: when a chat closes, it comments the chat's ticket with figures from the log.

Needs the packages `palique-contracts` and `aio-pika`. Settings: AMQP_URL, CHAT_ADDRESS, TICKETS_ADDRESS, SITE, TOKEN.
"""

import asyncio
import logging
import os

import aio_pika
import grpc
from google.protobuf.message import DecodeError
from palique.chat.v1 import chat_pb2, live_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.tickets.v1 import tickets_pb2
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from palique_contracts.calls import channel
from palique_contracts.facts import EXCHANGE

QUEUE, DEAD = "ticket-comments.events", "ticket-comments.dead"
WORK = {"x-queue-type": "quorum", "x-delivery-limit": 5, "x-dead-letter-exchange": DEAD}


def summary(entries: list[chat_pb2.Entry]) -> str:
    """The text of the comment."""
    messages = [entry for entry in entries if entry.kind == "message"]
    answers = [entry for entry in messages if entry.author.kind == "agent"]
    wait = f"first answer after {(answers[0].at_ms - entries[0].at_ms) // 1000} s" if answers else "no answer"
    return f"Chat closed: {len(messages)} messages, {wait}."


async def chat_closed(chat: grpc.aio.Channel, tickets: grpc.aio.Channel, site: str, conversation: str) -> None:
    """Comments once, however often the fact arrives: the client id is made from the conversation."""
    find = tickets_pb2.GetTicketOfConversationRequest(site=site, conversation=conversation)
    call = TicketsServiceStub(tickets).GetTicketOfConversation(find)
    if await call.code() is grpc.StatusCode.NOT_FOUND:
        return  # a chat without a ticket
    ticket = (await call).ticket.ticket
    log, more = list[chat_pb2.Entry](), True
    while more:
        fetch = chat_pb2.FetchRequest(site=site, conversation=conversation, after=len(log), limit=200)
        page = await ChatServiceStub(chat).Fetch(fetch)
        log, more = [*log, *page.entries], page.more
    client_id, text = f"closed-{conversation}", summary(log)
    comment = tickets_pb2.AddCommentRequest(site=site, ticket=ticket, client_id=client_id, text=text)
    await TicketsServiceStub(tickets).AddComment(comment)


async def main() -> None:
    """Runs until it is stopped. A fact that fails again after five more deliveries goes to the dead letters; the others go on."""
    env, site = os.environ, os.environ["SITE"]
    chat, tickets = (channel(env[name], env["TOKEN"]) for name in ("CHAT_ADDRESS", "TICKETS_ADDRESS"))
    async with await aio_pika.connect_robust(env["AMQP_URL"]) as broker, chat, tickets, broker.channel() as lane:
        await lane.set_qos(prefetch_count=1)
        await lane.declare_exchange(DEAD, aio_pika.ExchangeType.FANOUT, durable=True)
        dead = await lane.declare_queue(DEAD, durable=True, arguments={"x-queue-type": "quorum"})
        queue = await lane.declare_queue(QUEUE, durable=True, arguments=WORK)
        await dead.bind(DEAD)
        await queue.bind(EXCHANGE, "chat.closed")
        async for message in queue.iterator():
            try:
                async with message.process(requeue=True):
                    closed = live_pb2.Fact.FromString(message.body).conversation
                    if closed.site == site:
                        await chat_closed(chat, tickets, site, closed.conversation)
            except (DecodeError, grpc.aio.AioRpcError):
                logging.getLogger(QUEUE).exception("fact %s failed", message.message_id)


if __name__ == "__main__":
    asyncio.run(main())
