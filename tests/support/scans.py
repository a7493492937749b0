"""Queries of the product that no index answers, as the database itself noticed them while tests ran.

The planner uses an index at any size when there is one. A collection scan in a test with ten documents therefore shows a problem
that ten million documents would have.
"""

from collections.abc import Iterable
from typing import NamedTuple

from pymongo import MongoClient

from kit.mongo import Document
from tests.support.json_object import JsonObject

SERVICES = ("chat", "gateway", "presence", "tickets")
# Small by what they are, whatever the product has to carry.
READ_WHOLE = {
    # One document a gateway process, dropped an hour after its end.
    ("presence", "gateways"),
}
SORTED_IN_MEMORY = {
    # A site's agents by name: a thousand at most.
    ("gateway", "agents", "IXSCAN { site: 1 }"),
    # Facts that the broker has not confirmed: none, but after it was away. They stand in a list, whose order no index gives.
    ("tickets", "tickets", "IXSCAN { facts.at_ms: 1 }"),
}
# By what the services' own clients call themselves; commands read everything on purpose, and tests look where they like.
_OURS = {"$in": [f"palique-{service}" for service in SERVICES]}
_NOTED = {"appName": _OURS, "$or": [{"planSummary": {"$regex": "COLLSCAN"}}, {"hasSortStage": True}]}
# The report lists no more than this.
SHOWN = 20


Client = MongoClient[Document]


class Scan(NamedTuple):
    """A query that reads all of a collection, or sorts what it found."""

    collection: str
    plan: str
    sorts: bool
    command: str


def watch(client: Client, prefix: str) -> None:
    """Makes the database record such queries in the databases of this prefix, existing or not."""
    for service in SERVICES:
        client[f"{prefix}_{service}"].command("profile", 1, filter=_NOTED)


def unwatch(client: Client, prefix: str) -> None:
    """Ends the recording and removes the records."""
    for service in SERVICES:
        client[f"{prefix}_{service}"].command("profile", 0)
        client[f"{prefix}_{service}"]["system.profile"].drop()


def scans(client: Client, prefix: str) -> list[Scan]:
    """The recorded queries, except those on collections that are small by nature."""
    return [
        scan
        for service in SERVICES
        for scan in _unexpected(service, client[f"{prefix}_{service}"]["system.profile"].find().limit(500))
    ][:SHOWN]


def _asks_for_all(command: JsonObject) -> bool:
    """Nothing is searched for, so no index could help; tests read so what the product wrote."""
    return not command.get("filter", command.get("q", "pipeline" in command))


def _unexpected(service: str, noticed: Iterable[JsonObject]) -> Iterable[Scan]:
    for one in noticed:
        collection = one["ns"].partition(".")[2]
        plan = one.get("planSummary", "")
        reads_all = "COLLSCAN" in plan and (service, collection) not in READ_WHOLE and not _asks_for_all(one["command"])
        # Where nothing is there yet the indexes may not be, or are not known to give an order.
        reads_all = reads_all and one.get("docsExamined", 0) > 0
        sorts = one.get("hasSortStage", False) and one.get("keysExamined", 0) > 0
        sorts = sorts and (service, collection, plan) not in SORTED_IN_MEMORY
        if reads_all or sorts:
            command = {name: value for name, value in one["command"].items() if name not in ("lsid", "$clusterTime")}
            yield Scan(f"{service}.{collection}", plan, sorts, str(command)[:500])
