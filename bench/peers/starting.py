"""The peers that Palique is compared with: installs them where possible, starts and stops them, and publishes through them.

A peer that is not available on this machine raises `Absent` with the reason for the report.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import httpx

from devstack.folders import ROOT
from devstack.ports import Ports

HERE = Path(__file__).parent
# Outside of version control; an earlier installation is reused.
INSTALLED = ROOT / "build" / "bench"
SOCKETIO = ("python-socketio==5.13.0", "uvicorn", "uvloop", "websockets")
NCHAN = ("nginx-common", "nginx", "libnginx-mod-nchan")
NGINX_FOLDER = Path("/var/lib/nginx")
READY_S = 15.0
INSTALL_S = 120.0
PUBLISH_S = 60.0


class Absent(Exception):
    """The peer is not available on this machine."""


class Peer(NamedTuple):
    """A running peer. `publish` sends a text so many times to every socket; `handshake` is true for websockets."""

    address: str
    path: str
    pid: int
    publish: Callable[[str, int], Awaitable[None]]
    handshake: bool = True


@asynccontextmanager
async def starlette() -> AsyncIterator[Peer]:
    """The loop over Starlette websockets."""
    async with _server([sys.executable, "-m", "bench.peers.starlette_loop"]) as (address, pid):
        yield Peer(address, "/ws", pid, _posting(address))


@asynccontextmanager
async def socketio() -> AsyncIterator[Peer]:
    """python-socketio in its own environment."""
    python = INSTALLED / "socketio" / "bin" / "python"
    if not python.exists():
        venv.create(INSTALLED / "socketio", with_pip=True)
        _installed([str(python), "-m", "pip", "install", "--quiet", *SOCKETIO])
    async with _server([str(python), "-m", "bench.peers.socketio_room"]) as (address, pid):
        yield Peer(address, "/socket.io/?EIO=4&transport=websocket", pid, _posting(address))


@asynccontextmanager
async def nchan() -> AsyncIterator[Peer]:
    """Nginx with nchan from Debian's packages, unpacked without installation."""
    unpacked = INSTALLED / "nchan"
    if not (unpacked / "usr/sbin/nginx").exists():
        _unpack_nchan(unpacked)
    module = unpacked / "usr/lib/nginx/modules/ngx_nchan_module.so"
    if not module.exists():
        raise Absent("Debian's libnginx-mod-nchan has no module where it is looked for")
    with tempfile.TemporaryDirectory(prefix="palique-nchan-") as folder, _built_in_folder():
        port = _port(Path(folder))
        config = Path(folder) / "nginx.conf"
        config.write_text((HERE / "nchan.conf").read_text().format(module=module, folder=folder, port=port))
        argv = [str(unpacked / "usr/sbin/nginx"), "-p", folder, "-c", str(config)]
        async with _process(argv, port) as pid:
            yield Peer(f"127.0.0.1:{port}", "/ws", pid, _posting(f"127.0.0.1:{port}", one_by_one=True))


@asynccontextmanager
async def send_loop() -> AsyncIterator[Peer]:
    """send(2) in a loop: the kernel's share, which is the lower limit for every server."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Absent("there is no C compiler")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    program = INSTALLED / "send_loop"
    _installed([compiler, "-O2", "-Wall", "-o", str(program), str(HERE / "send_loop.c")])
    with tempfile.TemporaryDirectory(prefix="palique-send-") as folder:
        port = _port(Path(folder))
        process = await asyncio.create_subprocess_exec(
            str(program), str(port), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            await _answering(port, process)

            async def publish(text: str, times: int) -> None:
                assert process.stdin is not None
                assert process.stdout is not None
                # A frame header has four bytes at these lengths.
                process.stdin.write(f"{len(text) + 4} {times}\n".encode())
                if not await process.stdout.readline():
                    raise AssertionError("send_loop ended: a socket's buffer was full")

            yield Peer(f"127.0.0.1:{port}", "", process.pid, publish, handshake=False)
        finally:
            await _ended(process)


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """The address of a server that accepts connections and does nothing else."""
    async with _server([sys.executable, "-m", "bench.peers.silent"]) as (address, _):
        yield address


PEERS = {"Starlette's loop": starlette, "socket.io": socketio, "nchan": nchan, "C send": send_loop}


@asynccontextmanager
async def _server(argv: Sequence[str]) -> AsyncIterator[tuple[str, int]]:
    with tempfile.TemporaryDirectory(prefix="palique-peer-") as folder:
        port = _port(Path(folder))
        async with _process([*argv, str(port)], port) as pid:
            yield f"127.0.0.1:{port}", pid


@asynccontextmanager
async def _process(argv: Sequence[str], port: int) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT)
    try:
        await _answering(port, process)
        yield process.pid
    finally:
        await _ended(process)


async def _answering(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(READY_S):
        while True:
            if process.returncode is not None:
                raise Absent(f"it ended at its start, with {process.returncode}")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


def _posting(address: str, *, one_by_one: bool = False) -> Callable[[str, int], Awaitable[None]]:
    async def publish(text: str, times: int) -> None:
        async with httpx.AsyncClient(timeout=PUBLISH_S, trust_env=False) as http:
            url = f"http://{address}/publish"
            for _ in range(times if one_by_one else 1):
                answer = await http.post(url, params={} if one_by_one else {"times": times}, content=text)
                answer.raise_for_status()

    return publish


@contextmanager
def _built_in_folder() -> Iterator[None]:
    """Creates the folders that Debian's nginx requires at fixed paths, and removes those that it created."""
    there = NGINX_FOLDER.exists()
    try:
        NGINX_FOLDER.mkdir(exist_ok=True)
    except OSError as error:
        raise Absent(f"nginx needs {NGINX_FOLDER}: {error}") from error
    try:
        yield
    finally:
        with suppress(OSError):
            if not there:
                shutil.rmtree(NGINX_FOLDER)


def _unpack_nchan(folder: Path) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Absent("this machine has no apt-get")
    folder.mkdir(parents=True, exist_ok=True)
    _installed(["apt-get", "download", "-q", *NCHAN], folder)
    for package in sorted(folder.glob("*.deb")):
        _installed(["dpkg", "-x", str(package), str(folder)])


def _installed(argv: Sequence[str], folder: Path | None = None) -> None:
    try:
        done = subprocess.run(argv, cwd=folder, check=False, capture_output=True, text=True, timeout=INSTALL_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{argv[0]}: {error}") from error
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise Absent(f"{Path(argv[0]).name} failed: {' '.join(last)}")


def _port(folder: Path) -> int:
    return Ports(folder / "ports.json").port("peer")
