"""Typed gRPC client pools of the services behind the gateway.

The generated code has its asynchronous stubs for type checkers only, so the pool types exist only for them.
"""

from typing import TYPE_CHECKING, NamedTuple

from kit.rpc.client import Pool

if TYPE_CHECKING:
    from palique.chat.v1.chat_pb2_grpc import ChatServiceAsyncStub
    from palique.chat.v1.routing_pb2_grpc import RoutingServiceAsyncStub
    from palique.presence.v1.presence_pb2_grpc import PresenceServiceAsyncStub
    from palique.tickets.v1.mail_pb2_grpc import MailServiceAsyncStub
    from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceAsyncStub

    ChatPool = Pool[ChatServiceAsyncStub]
    RoutingPool = Pool[RoutingServiceAsyncStub]
    PresencePool = Pool[PresenceServiceAsyncStub]
    TicketsPool = Pool[TicketsServiceAsyncStub]
    MailPool = Pool[MailServiceAsyncStub]
else:
    ChatPool = RoutingPool = PresencePool = TicketsPool = MailPool = Pool


class Backends(NamedTuple):
    """One pool of replicas a service; `mail` is a part of tickets. A call raises Refused with the code that the service returned."""

    presence: PresencePool
    chat: ChatPool
    tickets: TicketsPool
    mail: MailPool
