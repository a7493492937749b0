"""Pools of the services behind the gateway, by type. The generated code has the asynchronous stubs for type checkers only."""

from typing import TYPE_CHECKING

from kit.rpc.client import Pool

if TYPE_CHECKING:
    from palique.chat.v1.chat_pb2_grpc import ChatServiceAsyncStub
    from palique.presence.v1.presence_pb2_grpc import PresenceServiceAsyncStub

    ChatPool = Pool[ChatServiceAsyncStub]
    PresencePool = Pool[PresenceServiceAsyncStub]
else:
    ChatPool = PresencePool = Pool
