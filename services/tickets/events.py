"""Tickets on the bus: says what changed, and hears when a conversation closes."""

from collections.abc import Awaitable, Callable

from palique.chat.v1 import live_pb2

from kit.bus.publisher import Publisher
from kit.codes import Code, Refused
from kit.runtime.logs import Log
from services.tickets.app.tickets import App
from services.tickets.ports import Fact

QUEUE = "tickets.events"
KEYS = ("chat.closed",)


def publish_with(publisher: Publisher) -> Callable[[Fact], Awaitable[None]]:
    """Publishes a fact; BusDown when the broker did not confirm it."""

    async def publish(fact: Fact) -> None:
        await publisher.publish(fact.body, f"ticket.{fact.kind}", message_id=f"{fact.ticket}.{fact.version}")

    return publish


def closed_with(app: App, log: Log) -> Callable[[str, bytes], Awaitable[None]]:
    """Brings the transcript of a closed conversation's ticket to its end; as often as the fact comes."""

    async def closed(_: str, body: bytes) -> None:
        state = live_pb2.Fact.FromString(body).conversation
        try:
            await app.catch_up(state.site, state.conversation)
        except Refused as refused:
            if refused.code != Code.NOT_FOUND:
                raise  # chat or the database is away: the fact comes again
            log.warning("a closed conversation is not there", conversation=state.conversation)

    return closed
