"""`palique check`: connects to everything that the environment names, in the way that a service would, and says what is wrong.

Changes nothing. What is not configured is left out, so that it tells of the service whose settings it is given.
"""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import aio_pika
import msgspec
from google.protobuf.message import Message
from palique.chat.v1.chat_pb2 import ListConversationsRequest
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.presence.v1.presence_pb2 import ListVisitorsRequest
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from palique.tickets.v1.tickets_pb2 import ListTicketsRequest
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from prometheus_client import CollectorRegistry
from pymongo.errors import PyMongoError

from commands.unable import Unable, first_line
from kit.bus.connection import CONNECT_TIMEOUT_S
from kit.codes import Code, Refused
from kit.config.loader import load, setting
from kit.config.tls_files import tls_files
from kit.mongo import connect
from kit.rpc.client import Pool, RpcClients

# Older ones hand out memory to whoever asks (CVE-2025-14847).
MONGODB_SINCE = {7: (7, 0, 28), 8: (8, 0, 17)}
RABBITMQ_SINCE = (3, 10)
# No site has this key, for keys have no blank in them: the token is looked at, and no data.
NO_SITE = "no site"
CALL_S = 3.0


class CheckSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of any service; those that are not set are not checked."""

    mode: str = "production"
    mongodb_url: Annotated[str, setting("The database", confidential="mongodb_url")] = ""
    amqp_url: Annotated[str, setting("The broker", confidential="amqp_url")] = ""
    rpc_token: Annotated[str, setting("What is shown to other services", confidential="token")] = ""
    chat_addresses: tuple[str, ...] = ()
    presence_addresses: tuple[str, ...] = ()
    tickets_addresses: tuple[str, ...] = ()
    geoip_db: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    tls_authority: str = ""


class Wrong(Exception):
    """Something is not as it should be."""


class Look(NamedTuple):
    """One thing to look at: `go` says what it is when it is well, and raises Wrong when not."""

    name: str
    go: Callable[[], Awaitable[str]]


async def run(_: Namespace, environ: Mapping[str, str]) -> None:
    """Prints a line for each; Unable when one is wrong."""
    settings = load(CheckSettings, environ)
    looks = list(_looks(settings))
    if not looks:
        raise Unable("nothing is configured: set PALIQUE_MONGODB_URL and the others as for a service")
    wrong = 0
    for look, outcome in zip(looks, await asyncio.gather(*(_outcome(look) for look in looks)), strict=True):
        wrong += not outcome[0]
        print(f"{'ok' if outcome[0] else 'WRONG':6} {look.name:32} {outcome[1]}", flush=True)
    if wrong:
        raise Unable(f"{wrong} of {len(looks)} are wrong")


async def _outcome(look: Look) -> tuple[bool, str]:
    try:
        return True, await look.go()
    except Wrong as wrong:
        return False, str(wrong)


def _looks(settings: CheckSettings) -> Iterable[Look]:
    tls = tls_files(settings.tls_certificate, settings.tls_key, settings.tls_authority)
    clients = RpcClients(settings.rpc_token, CollectorRegistry(), tls)
    if settings.mongodb_url:
        yield Look("MongoDB", lambda: _mongodb(settings.mongodb_url, settings.mode))
    if settings.amqp_url:
        yield Look("RabbitMQ", lambda: _rabbitmq(settings.amqp_url))
    for name, addresses, go in (
        ("chat", settings.chat_addresses, _chat),
        ("presence", settings.presence_addresses, _presence),
        ("tickets", settings.tickets_addresses, _tickets),
    ):
        for address in addresses:
            yield Look(f"{name} at {address}", partial(go, address, clients))
    if settings.geoip_db:
        yield Look("countries", lambda: _readable(settings.geoip_db))


async def _mongodb(url: str, mode: str) -> str:
    try:
        client = connect(url, app="check", registry=CollectorRegistry())
    except PyMongoError as error:
        raise Wrong(f"PALIQUE_MONGODB_URL is not understood: {error}") from None
    try:
        hello = await client.admin.command("hello")
        built = await client.admin.command("buildInfo")
    except PyMongoError as error:
        raise Wrong(first_line(error)) from None
    finally:
        await asyncio.to_thread(client.close)
    replicas = hello.get("setName") or ("mongos" if hello.get("msg") == "isdbgrid" else None)
    if replicas is None:
        raise Wrong("it is neither a replica set nor a mongos: no majority could keep anything")
    version = tuple(built["versionArray"][:3])
    least = MONGODB_SINCE.get(version[0], (7, 0, 28))
    if mode == "production" and version < least:
        raise Wrong(f"version {built['version']} is too old; {'.'.join(map(str, least))} or newer (CVE-2025-14847)")
    return f"{built['version']}, {replicas}, primary {hello.get('primary', hello.get('me', '?'))}"


async def _rabbitmq(url: str) -> str:
    try:
        connection = await aio_pika.connect(url, timeout=CONNECT_TIMEOUT_S)
    except Exception as error:  # noqa: BLE001 - whatever it is, somebody wants to read it
        raise Wrong(f"{type(error).__name__}: {first_line(error)}") from None
    async with connection:
        transport = connection.transport
        properties: dict[str, Any] = dict(transport.connection.server_properties) if transport is not None else {}
    version = str(properties.get("version", "?"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < RABBITMQ_SINCE:
        raise Wrong(f"version {version} is too old; 3.10 or newer")
    return f"{version}, {properties.get('cluster_name', '')}"


async def _chat(address: str, clients: RpcClients) -> str:
    pool = Pool((address,), ChatServiceStub, clients)
    return await _answered(pool, lambda stub: stub.ListConversations, ListConversationsRequest(site=NO_SITE, limit=1))


async def _presence(address: str, clients: RpcClients) -> str:
    pool = Pool((address,), PresenceServiceStub, clients)
    return await _answered(pool, lambda stub: stub.ListVisitors, ListVisitorsRequest(site=NO_SITE, limit=1))


async def _tickets(address: str, clients: RpcClients) -> str:
    pool = Pool((address,), TicketsServiceStub, clients)
    return await _answered(pool, lambda stub: stub.ListTickets, ListTicketsRequest(site=NO_SITE, limit=1))


async def _answered(pool: Pool[Any], method: Callable[[Any], Any], request: Message) -> str:
    """Any answer but these two proves that it is there, has its database, and takes the token."""
    try:
        await pool.call(method, request, timeout_s=CALL_S)
    except Refused as refused:
        if refused.code is Code.NOT_SIGNED_IN:
            raise Wrong("it does not know PALIQUE_RPC_TOKEN; its PALIQUE_RPC_TOKENS must have it") from None
        if refused.code in (Code.RETRY, Code.UNAVAILABLE):
            raise Wrong(f"no answer: {refused.message}") from None
        if refused.code is Code.FORBIDDEN:
            raise Wrong(
                "PALIQUE_RPC_TOKEN is good for one site only; Palique's own services have the scope *"
            ) from None
    finally:
        await pool.close()
    return "answers, and takes our token"


async def _readable(path: str) -> str:
    try:
        size = (await asyncio.to_thread(Path(path).stat)).st_size
    except OSError as error:
        raise Wrong(str(error)) from None
    return f"{size} bytes"
