"""A chat with a long log, written over gRPC as the gateway does it, on a running stack."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from palique.chat.v1 import chat_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from prometheus_client import CollectorRegistry

from kit.ids import new_id
from kit.rpc.client import Pool, RpcClients

SITE = "demo"
# Chat's largest batch.
BATCH = 256
CALL_S = 60.0


class LongChat(NamedTuple):
    """`visitor` is the visitor's id. The log has `opened` at 1, the texts from 2 on."""

    conversation: str
    visitor: str


async def long_chat(
    home: Path, texts: Sequence[str], *, name: str = "Vera", visitor: str = "", agent: str = "", closed: bool = True
) -> LongChat:
    """The visitor `name` and the agent with the id `agent` write in turns; an open chat of the visitor is continued."""
    stack = json.loads((home / "run/stack.json").read_text())
    token = json.loads((home / "state/tokens.json").read_text())["gateway"]
    addresses = [one["grpc"] for one in stack["services"]["chat"]]
    pool = Pool(addresses, ChatServiceStub, RpcClients(token, CollectorRegistry()))
    vera = chat_pb2.Person(kind="visitor", id=visitor or new_id(), name=name)
    ana = chat_pb2.Person(kind="agent", id=agent or new_id(), name="Ana")
    try:
        start = chat_pb2.StartRequest(site=SITE, visitor=vera, by=vera, country="ES", region="Spain")
        started = await pool.call(lambda stub: stub.Start, start, timeout_s=CALL_S)
        conversation = started.conversation.conversation
        accept = chat_pb2.AcceptRequest(site=SITE, conversation=conversation, agent=ana)
        await pool.call(lambda stub: stub.Accept, accept, timeout_s=CALL_S)
        items = [
            chat_pb2.AppendItem(
                conversation=conversation,
                # Three lines of each in a row, as people write.
                author=ana if number % 6 >= 3 else vera,
                kind="message",
                client_id=new_id(),
                text=text,
            )
            for number, text in enumerate(texts)
        ]
        for at in range(0, len(items), BATCH):
            append = chat_pb2.AppendRequest(site=SITE, items=items[at : at + BATCH])
            answer = await pool.call(lambda stub: stub.Append, append, timeout_s=CALL_S)
            refused = [result.message for result in answer.results if result.code]
            assert not refused, refused[0]
        if closed:
            close = chat_pb2.CloseRequest(site=SITE, conversation=conversation, by=ana)
            await pool.call(lambda stub: stub.Close, close, timeout_s=CALL_S)
    finally:
        await pool.close()
    return LongChat(conversation, vera.id)
