"""Queues of messages for chat follow its replicas, which change while the gateway runs."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import pytest
from palique.chat.v1.chat_pb2 import AppendItem
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from prometheus_client import CollectorRegistry

from kit.codes import Refused
from kit.failpoints import Failpoints
from kit.rpc.client import Pool, RpcClients
from services.gateway.session.append_batcher import AppendBatcher
from tests.support.eventually import eventually


async def test_a_queue_ends_with_its_replica_and_a_new_replica_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No replica answers here, so every message is refused; but each gets an answer, whatever the name resolves to."""
    now = ["127.0.0.1"]

    async def looked_up(_: str, port: int, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (now[0], port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", looked_up)
    clients = RpcClients("token", CollectorRegistry())
    pool: Any = Pool(("chat.example:1",), ChatServiceStub, clients, reconnect_within_s=0, resolve_every_s=0)
    batcher = AppendBatcher(pool, failpoints=Failpoints([], registry=CollectorRegistry()))
    with pytest.raises(Refused):
        _ = batcher.append("demo", AppendItem(), "before it runs")
    running = asyncio.create_task(batcher.run())
    try:
        for now[0] in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            await eventually(lambda: list(pool.addresses) == [f"{now[0]}:1"])
            with pytest.raises(Refused):
                await batcher.append("demo", AppendItem(), "a key")
        queues = batcher._queues  # noqa: SLF001 - an ended queue is not visible otherwise
        assert list(queues) == ["127.0.0.3:1"]
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await pool.close()
