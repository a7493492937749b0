"""`palique check`: connects to every backend that the environment names, as a service would, and prints what is wrong.

It changes nothing. It skips what is not configured, so it checks the backends of the service whose settings it gets.
"""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import aio_pika
import grpc
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

# Older versions return server memory to unauthenticated clients (CVE-2025-14847).
MONGODB_SINCE = {7: (7, 0, 28), 8: (8, 0, 17)}
RABBITMQ_SINCE = (3, 10)
# A site key contains no blank, so no site has this key: the call checks the token and reads no data.
NO_SITE = "no site"
CALL_S = 3.0

StubT = TypeVar("StubT")
RequestT = TypeVar("RequestT", bound=Message)
ResponseT = TypeVar("ResponseT", bound=Message)


class CheckSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of any service; those that are not set are not checked."""

    mode: str = "production"
    mongodb_url: Annotated[str, setting("The database", confidential="mongodb_url")] = ""
    amqp_url: Annotated[str, setting("The broker", confidential="amqp_url")] = ""
    rpc_token: Annotated[str, setting("The token sent to other services", confidential="token")] = ""
    chat_addresses: tuple[str, ...] = ()
    presence_addresses: tuple[str, ...] = ()
    tickets_addresses: tuple[str, ...] = ()
    geoip_db: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    tls_authority: str = ""


class CheckFailed(Exception):
    """Why a check failed and, where it is known, what to change."""


class Check(NamedTuple):
    """One backend to check: `perform` returns a short description of it, or raises CheckFailed."""

    name: str
    perform: Callable[[], Awaitable[str]]


async def run(_: Namespace, environ: Mapping[str, str]) -> None:
    """Runs all checks together and prints one line for each. Unable when a check fails."""
    settings = load(CheckSettings, environ)
    checks = list(_checks(settings))
    if not checks:
        raise Unable("nothing is configured: set PALIQUE_MONGODB_URL and the other settings of a service")
    failed = 0
    for check, (passed, text) in zip(checks, await asyncio.gather(*map(_result, checks)), strict=True):
        failed += not passed
        print(f"{'ok' if passed else 'FAILED':6} {check.name:32} {text}", flush=True)
    if failed:
        raise Unable(f"{failed} of {len(checks)} checks failed")


async def _result(check: Check) -> tuple[bool, str]:
    try:
        return True, await check.perform()
    except CheckFailed as failed:
        return False, str(failed)


def _checks(settings: CheckSettings) -> Iterable[Check]:
    tls = tls_files(settings.tls_certificate, settings.tls_key, settings.tls_authority)
    clients = RpcClients(settings.rpc_token, CollectorRegistry(), tls)
    if settings.mongodb_url:
        yield Check("MongoDB", lambda: _mongodb(settings.mongodb_url, settings.mode))
    if settings.amqp_url:
        yield Check("RabbitMQ", lambda: _rabbitmq(settings.amqp_url))
    for name, addresses, perform in (
        ("chat", settings.chat_addresses, _chat),
        ("presence", settings.presence_addresses, _presence),
        ("tickets", settings.tickets_addresses, _tickets),
    ):
        for address in addresses:
            yield Check(f"{name} at {address}", partial(perform, address, clients))
    if settings.geoip_db:
        yield Check("GeoIP database", lambda: _readable(settings.geoip_db))


async def _mongodb(url: str, mode: str) -> str:
    try:
        client = connect(url, app="check", registry=CollectorRegistry())
    except PyMongoError as error:
        raise CheckFailed(f"PALIQUE_MONGODB_URL is invalid: {error}") from None
    try:
        hello = await client.admin.command("hello")
        built = await client.admin.command("buildInfo")
    except PyMongoError as error:
        raise CheckFailed(first_line(error)) from None
    finally:
        await asyncio.to_thread(client.close)
    replicas = hello.get("setName") or ("mongos" if hello.get("msg") == "isdbgrid" else None)
    if replicas is None:
        raise CheckFailed("the server is neither a replica set nor a mongos, and Palique needs majority writes")
    version = tuple(built["versionArray"][:3])
    least = MONGODB_SINCE.get(version[0], (7, 0, 28))
    if mode == "production" and version < least:
        needed = ".".join(map(str, least))
        raise CheckFailed(f"version {built['version']} is too old; use {needed} or newer (CVE-2025-14847)")
    return f"{built['version']}, {replicas}, primary {hello.get('primary', hello.get('me', '?'))}"


async def _rabbitmq(url: str) -> str:
    try:
        connection = await aio_pika.connect(url, timeout=CONNECT_TIMEOUT_S)
    except Exception as error:  # noqa: BLE001 - every failure to connect is a result to print
        raise CheckFailed(f"{type(error).__name__}: {first_line(error)}") from None
    async with connection:
        transport = connection.transport
        properties: dict[str, object] = dict(transport.connection.server_properties) if transport is not None else {}
    version = str(properties.get("version", "?"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < RABBITMQ_SINCE:
        raise CheckFailed(f"version {version} is too old; use 3.10 or newer")
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


async def _answered(
    pool: Pool[StubT],
    method: Callable[[StubT], grpc.aio.UnaryUnaryMultiCallable[RequestT, ResponseT]],
    request: RequestT,
) -> str:
    """Calls the service. Every other refusal proves that it is reachable, has its database and accepts the token."""
    try:
        await pool.call(method, request, timeout_s=CALL_S)
    except Refused as refused:
        if refused.code is Code.NOT_SIGNED_IN:
            raise CheckFailed(
                "the service does not know PALIQUE_RPC_TOKEN; add the token to its PALIQUE_RPC_TOKENS"
            ) from None
        if refused.code in (Code.RETRY, Code.UNAVAILABLE):
            raise CheckFailed(f"no answer: {refused.message}") from None
        if refused.code is Code.FORBIDDEN:
            raise CheckFailed(
                "PALIQUE_RPC_TOKEN is valid for one site only; Palique's own services need a token with scope *"
            ) from None
    finally:
        await pool.close()
    return "answers and accepts the token"


async def _readable(path: str) -> str:
    try:
        size = (await asyncio.to_thread(Path(path).stat)).st_size
    except OSError as error:
        raise CheckFailed(str(error)) from None
    return f"{size} bytes"
