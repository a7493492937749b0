"""Tickets on the bus: publishes facts of tickets, handles `chat.closed`."""

from collections.abc import Awaitable, Callable

from palique.chat.v1 import live_pb2

from kit.bus.contract import InvalidMessage, decoded
from kit.bus.publisher import Publisher
from kit.codes import Code, Refused
from kit.runtime.logs import Log
from services.tickets.app.transcript import TranscriptRefresher
from services.tickets.ports import Fact
from services.tickets.validation import record_id

QUEUE = "tickets.events"
KEYS = ("chat.closed",)


def fact_publisher(publisher: Publisher) -> Callable[[Fact], Awaitable[None]]:
    """A function that publishes a fact, or raises BusDown when the broker does not confirm it."""

    async def publish(fact: Fact) -> None:
        await publisher.publish(fact.body, f"ticket.{fact.kind}", message_id=f"{fact.ticket_id}.{fact.version}")

    return publish


def closed_handler(transcripts: TranscriptRefresher, log: Log) -> Callable[[str, bytes], Awaitable[None]]:
    """A handler of `chat.closed`: completes the transcript of the conversation's ticket. Idempotent.

    InvalidMessage for a fact that fits no contract.
    """

    async def handle(_: str, body: bytes) -> None:
        state = decoded(live_pb2.Fact, body).conversation
        try:
            site, conversation_id = record_id("site", state.site), record_id("conversation", state.conversation)
        except Refused as refused:
            raise InvalidMessage(refused.message) from None
        try:
            await transcripts.refresh_conversation(site, conversation_id)
        except Refused as refused:
            if refused.code != Code.NOT_FOUND:
                raise  # chat or the database is unavailable: the fact is delivered again
            log.warning("closed conversation not found", conversation=conversation_id)

    return handle
