"""Peer of the floods: accepts connections and answers nothing. `python -m bench.peers.silent PORT`.

A flood of it shows what a flood costs the machine and its client, without the gateway.
"""

import asyncio
import sys

import uvloop

from kit.runtime.file_limit import raise_file_limit


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    raise_file_limit()
    uvloop.run(serve(int(sys.argv[1])))
