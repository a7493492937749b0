"""The check of MongoDB: version, replica set, and the list of its members.

A driver that finds no primary reports a time-out only. So each server of the URL is then asked alone, and `member_fault` names the cause.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from commands.checks.dns import require_names, unresolved
from commands.checks.failure import CheckFailed
from commands.unable import first_line
from kit.mongo import SELECT_TIMEOUT_MS, Document, connect

SETTING = "PALIQUE_MONGODB_URL"
# Older versions return server memory to unauthenticated clients (CVE-2025-14847).
SINCE = {7: (7, 0, 28), 8: (8, 0, 17)}
_AUTHENTICATION_FAILED = 18
_USER_AND_HOSTS = re.compile(r"^mongodb://(?:[^@/]*@)?[^/?]*")


class Server(NamedTuple):
    """A server of the URL, asked alone: its answer to `hello`, else why there is none."""

    address: str
    hello: Document | None
    error: str = ""


async def check(url: str, mode: str) -> str:
    """The server's version, set and primary."""
    addresses, wanted = await asyncio.to_thread(_parsed, url)
    await require_names(map(_host, addresses), SETTING)
    try:
        hello, built = await _ask(url)
    except OperationFailure as error:
        if error.code == _AUTHENTICATION_FAILED:
            raise CheckFailed(
                f"{SETTING}: MongoDB refuses the user or the password; correct them, or authSource"
            ) from None
        raise CheckFailed(first_line(error)) from None
    except PyMongoError as error:
        fault = await _members_fault(url, addresses, wanted)
        raise CheckFailed(fault or first_line(error)) from None
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise CheckFailed("the server is neither a replica set nor a mongos, and Palique needs majority writes")
    if "directConnection" not in url and (fault := await _members_fault(url, addresses, wanted, primary=hello)):
        raise CheckFailed(fault)
    return _described(hello, built, mode)


def member_fault(
    servers: Sequence[Server], wanted: str | None, unresolved_members: Sequence[str], primary: Document | None
) -> str | None:
    """What is wrong with the members, and the fix; None when nothing is. `wanted` is the replicaSet of the URL."""
    for address, hello, _ in servers:
        if hello is not None and (fault := _set_fault(address, hello, wanted)):
            return fault
    known = primary or next((hello for _, hello, _ in servers if hello is not None), None)
    if known is None:
        tried = ", ".join(server.address for server in servers)
        return f"{SETTING}: no server answers at {tried}; start MongoDB, or correct the list ({servers[0].error})"
    return _list_fault(servers, known, unresolved_members) or (None if primary else _primary_fault(known))


def _list_fault(servers: Sequence[Server], known: Document, unresolved_members: Sequence[str]) -> str | None:
    name, members = known.get("setName"), _members(known)
    if unresolved_members:
        return (
            f"the replica set {name} lists a member as {unresolved_members[0]}, which does not resolve here; "
            "add the name to DNS, or change the list with rs.reconfig()"
        )
    for address, hello, error in servers:
        if hello is None and members and address not in members:
            return (
                f"{SETTING} names {address}, which is no member of the replica set {name} and does not answer; "
                f"write its members: {', '.join(members)} ({error})"
            )
    return None


def _primary_fault(known: Document) -> str:
    name = known.get("setName")
    if address := known.get("primary"):
        return (
            f"the replica set {name} has its primary at {address}, which does not answer here; "
            "open the network to it, or change the list with rs.reconfig()"
        )
    return f"the replica set {name} has no primary; start a majority of its members: {', '.join(_members(known))}"


def _set_fault(address: str, hello: Document, wanted: str | None) -> str | None:
    name = hello.get("setName")
    if name == wanted or wanted is None:
        return None
    if name is not None:
        return f"{address} is a member of the replica set {name}, but {SETTING} has replicaSet={wanted}; correct one of them"
    if hello.get("isreplicaset"):
        return f"{address} has no replica set yet; run rs.initiate() on it"
    if hello.get("msg") == "isdbgrid":
        return f"{address} is a mongos; remove replicaSet={wanted} from {SETTING}"
    return f"{address} is no member of a replica set, but {SETTING} has replicaSet={wanted}; start it with --replSet {wanted}"


async def _members_fault(
    url: str, addresses: Sequence[str], wanted: str | None, primary: Document | None = None
) -> str | None:
    if url.startswith("mongodb+srv:"):
        return None
    # Its members answer under the names of their list; only other names are asked.
    asked = [address for address in addresses if primary is None or address not in _members(primary)]
    servers = await asyncio.gather(*(asyncio.to_thread(_alone, url, address) for address in asked))
    known = [primary, *(server.hello for server in servers)]
    members = {member for hello in known if hello is not None for member in _members(hello)}
    return member_fault(servers, wanted, await unresolved(_host(member) for member in sorted(members)), primary)


def _parsed(url: str) -> tuple[list[str], str | None]:
    """The servers' addresses, and the name of the replica set."""
    try:
        parsed = parse_uri(url)
    except (PyMongoError, ValueError) as error:
        raise CheckFailed(f"{SETTING} is invalid: {error}") from None
    addresses = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in parsed["nodelist"]]
    return addresses, parsed["options"].get("replicaSet")


async def _ask(url: str) -> tuple[Document, Document]:
    client = connect(url, app="check", registry=CollectorRegistry())
    try:
        return await client.admin.command("hello"), await client.admin.command("buildInfo")
    finally:
        await asyncio.to_thread(client.close)


def _alone(url: str, address: str) -> Server:
    """Asks one server, without a user: `hello` needs none."""
    one = _USER_AND_HOSTS.sub(f"mongodb://{address}", url)
    try:
        with MongoClient[dict[str, object]](
            one, directConnection=True, replicaSet=None, serverSelectionTimeoutMS=SELECT_TIMEOUT_MS
        ) as client:
            return Server(address, client.admin.command("hello"))
    except PyMongoError as error:
        # The driver adds its settings in brackets.
        return Server(address, None, first_line(error).partition(" (configured")[0])


def _members(hello: Document) -> list[str]:
    return [*hello.get("hosts", []), *hello.get("passives", []), *hello.get("arbiters", [])]


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")


def _described(hello: Document, built: Document, mode: str) -> str:
    version = tuple(built["versionArray"][:3])
    least = SINCE.get(version[0], SINCE[7])
    if mode == "production" and version < least:
        needed = ".".join(map(str, least))
        raise CheckFailed(f"version {built['version']} is too old; use {needed} or newer (CVE-2025-14847)")
    return f"{built['version']}, {hello.get('setName', 'mongos')}, primary {hello.get('primary', hello.get('me', '?'))}"
