"""A page of a company's own web site, on an origin of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def own_page(head: Callable[[], str], policy: str = "") -> AsyncIterator[str]:
    """The origin of the page; every path of it has this head. `policy` is its Content-Security-Policy."""

    def response() -> bytes:
        html = (
            f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Host</title>{head()}"
            "</head><body><h1>Host</h1></body></html>"
        )
        fields = ["HTTP/1.1 200 OK", "content-type: text/html", f"content-length: {len(html)}", "connection: close"]
        if policy:
            fields.append(f"content-security-policy: {policy}")
        return "\r\n".join([*fields, "", html]).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(response())
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"
