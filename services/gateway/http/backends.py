"""The services behind the HTTP calls."""

from typing import TYPE_CHECKING, NamedTuple

from kit.rpc.client import Pool

if TYPE_CHECKING:
    from palique.chat.v1.chat_pb2_grpc import ChatServiceAsyncStub
    from palique.presence.v1.presence_pb2_grpc import PresenceServiceAsyncStub
    from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceAsyncStub


class Backends(NamedTuple):
    """Each a pool of its replicas; calls refuse with the code that the service gave."""

    presence: "Pool[PresenceServiceAsyncStub]"
    chat: "Pool[ChatServiceAsyncStub]"
    tickets: "Pool[TicketsServiceAsyncStub]"
