"""A broker that names another version: enough of AMQP to open and close a connection. No such RabbitMQ can be had here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pamqp import base, commands, frame

from tests.support.json_object import JsonObject

HEADER_BYTES = 7


@asynccontextmanager
async def old_broker(version: str) -> AsyncIterator[str]:
    """Serves on a free port until the block ends; yields the URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(b"AMQP\x00\x00\x09\x01"))
        properties: JsonObject = {"product": "RabbitMQ", "version": version, "cluster_name": "old"}
        answer: base.Frame | None = commands.Connection.Start(server_properties=properties)
        while answer is None or answer.name != "Connection.CloseOk":
            if answer is not None:
                writer.write(frame.marshal(answer, 0))
            answer = _answer(await _received(reader))
        writer.write(frame.marshal(answer, 0))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"amqp://guest:guest@127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def _answer(name: str) -> base.Frame | None:
    match name:
        case "Connection.StartOk":
            return commands.Connection.Tune(channel_max=10, frame_max=131072, heartbeat=0)
        case "Connection.Open":
            return commands.Connection.OpenOk()
        case "Connection.Close":
            return commands.Connection.CloseOk()
    return None


async def _received(reader: asyncio.StreamReader) -> str:
    header = await reader.readexactly(HEADER_BYTES)
    rest = await reader.readexactly(int.from_bytes(header[3:], "big") + 1)
    received = frame.unmarshal(header + rest)[2]
    return received.name if isinstance(received, base.Frame) else ""
