"""The one table of facts: routing keys on the exchange `palique.events`, with the message in the body and the meaning.

docs/asyncapi.yaml is generated from it, and the package `palique-contracts` contains it. A key once published keeps its meaning.
"""

from collections.abc import Mapping
from typing import NamedTuple

from google.protobuf.message import Message
from palique.chat.v1 import live_pb2
from palique.tickets.v1 import tickets_pb2

EXCHANGE = "palique.events"


class FactRow(NamedTuple):
    """One row of the table."""

    message: type[Message]
    meaning: str


FACTS: Mapping[str, FactRow] = {
    "chat.opened": FactRow(live_pb2.Fact, "A conversation began."),
    "chat.assigned": FactRow(live_pb2.Fact, "The conversation is with an agent from now on."),
    "chat.transferred": FactRow(
        live_pb2.Fact, "The conversation waits for another agent or department. No version sends it yet."
    ),
    "chat.requeued": FactRow(live_pb2.Fact, "The conversation waits for an agent again."),
    "chat.rated": FactRow(live_pb2.Fact, "The visitor rated the conversation. No version sends it yet."),
    "chat.closed": FactRow(live_pb2.Fact, "The conversation ended."),
    "ticket.opened": FactRow(tickets_pb2.TicketFact, "A ticket was created."),
    "ticket.changed": FactRow(tickets_pb2.TicketFact, "The subject, status, priority or assignee of a ticket changed."),
}
