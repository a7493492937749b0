"""A3: whatever metadata a peer of gRPC sends, it gets an answer, no log has a traceback or the bytes, and other calls go on.

gRPC's own clients refuse to send most of this, so the frames of HTTP/2 are written here.
"""

import asyncio
import gc
import struct

import pytest

from tests.integration.kit.rpc_servers import TICKETS, Servers, ask, get, pool_of
from tests.support.eventually import eventually

DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1
SECRET = b"a-secret-of-this-test"
AUTHORIZED = (b"authorization", b"Bearer ours")
# Metadata after the usual headers; the same name twice is allowed.
SENT: dict[str, list[tuple[bytes, bytes]]] = {
    "a token that is no UTF-8": [(b"authorization", b"Bearer \xff\xfe" + SECRET)],
    "a token of UTF-16": [(b"authorization", ("Bearer " + SECRET.decode()).encode("utf-16"))],
    "a token with a NUL": [(b"authorization", b"Bearer \0" + SECRET)],
    "an overlong token": [(b"authorization", b"Bearer " + SECRET * 300)],
    "no scheme": [(b"authorization", SECRET)],
    "two tokens": [(b"authorization", b"Bearer " + SECRET), AUTHORIZED],
    "binary metadata that is no base64": [(b"session-bin", b"\xff%%%" + SECRET), AUTHORIZED],
    "binary metadata of any bytes": [(b"site-bin", b"gP8A"), (b"authorization-bin", b"/////w=="), AUTHORIZED],
    "a value that is no UTF-8": [(b"site", b"\xed\xa0\x80" + SECRET), AUTHORIZED],
    "a name that is no ASCII": [(b"s\xefte", SECRET), AUTHORIZED],
    "an empty name": [(b"", SECRET), AUTHORIZED],
    "a name in capitals": [(b"Authorization", b"Bearer " + SECRET)],
    "a broken trace": [(b"traceparent", b"00-\xff-zz-99"), (b"tracestate", b"=,=" + SECRET), AUTHORIZED],
    "a deadline that is none": [(b"grpc-timeout", b"99999999999999Q"), AUTHORIZED],
    "a negative deadline": [(b"grpc-timeout", b"-1S"), AUTHORIZED],
    "an unknown encoding": [(b"grpc-encoding", b"\xff\xfe"), AUTHORIZED],
}


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def length(number: int) -> bytes:
    """An integer of HPACK with a prefix of seven bits."""
    if number < 127:
        return bytes((number,))
    found, number = bytearray(b"\x7f"), number - 127
    while number >= 128:
        found.append(number % 128 + 128)
        number //= 128
    return bytes((*found, number))


def call(metadata: list[tuple[bytes, bytes]], path: bytes, body: bytes) -> bytes:
    """One unary call, with every header as a literal."""
    usual = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path),
        (b":authority", b"localhost"),
        (b"te", b"trailers"),
        (b"content-type", b"application/grpc"),
    ]
    block = b"".join(
        b"\0" + length(len(name)) + name + length(len(value)) + value for name, value in (*usual, *metadata)
    )
    return (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        + frame(SETTINGS, 0, 0, b"")
        + frame(HEADERS, END_HEADERS, 1, block)
        + frame(DATA, END_STREAM, 1, b"\0" + struct.pack("!I", len(body)) + body)
    )


async def answered(address: str, sent: bytes) -> int:
    """The kind of the frame that answers or ends the call; GOAWAY also for a closed connection."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(sent)
        async with asyncio.timeout(10):
            while True:
                head = await reader.readexactly(9)
                await reader.readexactly(int.from_bytes(head[:3], "big"))
                if head[3] in (HEADERS, RST_STREAM, GOAWAY):
                    return head[3]
    except (asyncio.IncompleteReadError, ConnectionError):
        return GOAWAY
    finally:
        writer.close()


@pytest.mark.parametrize("name", SENT)
async def test_any_metadata_is_answered_and_not_logged(
    servers: Servers, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    served = await servers.start()
    path = f"/{TICKETS}/GetTicket".encode()
    async with pool_of([served.address]) as pool:
        for body in (get().SerializeToString(), b"\xff"):
            kind = await answered(served.address, call(SENT[name], path, body))
            assert kind in (HEADERS, RST_STREAM, GOAWAY)
        assert (await ask(pool)).ticket.subject == "gateway", "another call was harmed"
    assert served.handled("internal") == 0
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
    assert "Traceback" not in caplog.text
    assert SECRET.decode() not in caplog.text
    assert "\\xff" not in caplog.text


@pytest.mark.parametrize("path", [b"", b"/", b"//", b"/\xff/\xfe", b"/a\0b/c", b"/" + b"x" * 9000])
async def test_any_path_is_answered_and_not_logged(
    servers: Servers, path: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    served = await servers.start()
    async with pool_of([served.address]) as pool:
        assert await answered(served.address, call([AUTHORIZED], path, b"")) in (HEADERS, RST_STREAM, GOAWAY)
        assert (await ask(pool)).ticket.subject == "gateway"
        await served.stop()
    gc.collect()  # a task of the library logs its exception at its end
    assert "Traceback" not in caplog.text
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


async def test_a_server_that_the_library_ended_serves_again_and_stays_ready(servers: Servers) -> None:
    """Before the mend the process stayed up, said that it was ready, and answered no call any more."""
    served = await servers.start()
    bad = call([AUTHORIZED], b"/" + TICKETS.encode() + b"/Get\xc3", b"")
    async with pool_of([served.address]) as pool:
        for number in range(1, 6):
            await answered(served.address, bad)
            await eventually(lambda number=number: served.restarts == number)  # type: ignore[misc]
            assert (await ask(pool)).ticket.subject == "gateway"
