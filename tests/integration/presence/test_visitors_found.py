"""Search of visitors by name and address, ignoring case and accents, within one site (requirements S-12, I-18)."""

from typing import Any

import grpc
import pytest
from palique.presence.v1 import presence_pb2 as pb
from prometheus_client import CollectorRegistry

from kit.mongo import connect
from services.presence.store.store import PresenceStore
from tests.integration.presence.service import Service, connected, metadata
from tests.support.clock import Clock
from tests.support.json_object import JsonObject


async def named(presence: Service, visitor: str, name: str, email: str = "", site: str = "acme") -> None:
    await presence.report(connected(visitor, f"tab-{visitor}"), site=site)
    version = (await presence.visitor(visitor, site)).version
    edit = pb.EditVisitorRequest(site=site, visitor=visitor, version=version, name=name, email=email)
    await presence.stub.EditVisitor(edit, metadata=metadata(), timeout=10)


async def found(presence: Service, text: str, **fields: Any) -> pb.FindVisitorsResponse:
    request = pb.FindVisitorsRequest(**{"site": "acme", "text": text, "limit": 10, **fields})
    return await presence.stub.FindVisitors(request, metadata=metadata(), timeout=10)


async def test_name_and_address_find_a_visitor_of_the_site_only(presence: Service, clock: Clock) -> None:
    await named(presence, "v1", "Íñigo Pérez", "inigo@shop.example")
    clock.advance(1_000)
    await named(presence, "v2", "Ana Perez")
    await named(presence, "v3", "Pérez", site="other")
    await presence.report(connected("v4", "unnamed"))
    for text in ("íñigo", "INIGO perez", "inigo@shop.example", "shop example"):
        assert list((await found(presence, text)).visitors) == ["v1"], text
    assert list((await found(presence, "perez")).visitors) == ["v2", "v1"], "newest seen first"
    assert list((await found(presence, "perez", site="other")).visitors) == ["v3"]
    assert list((await found(presence, "per")).visitors) == []
    first = await found(presence, "perez", limit=1)
    assert (list(first.visitors), first.more) == (["v2"], True)


async def test_a_new_name_replaces_the_old_one(presence: Service) -> None:
    await named(presence, "v1", "Berta")
    await named(presence, "v1", "Carla")
    assert list((await found(presence, "berta")).visitors) == []
    assert list((await found(presence, "carla")).visitors) == ["v1"]
    await named(presence, "v1", "")
    assert list((await found(presence, "carla")).visitors) == []


async def test_names_are_the_current_ones_or_placeholders(presence: Service) -> None:
    await named(presence, "v1", "Berta")
    await named(presence, "v1", "Carla")
    await presence.report(connected("visitor-77ab", "tab"))
    await named(presence, "v3", "Elsewhere", site="other")
    request = pb.NameVisitorsRequest(site="acme", visitors=["v1", "visitor-77ab", "v3", "unknown"])
    answer = await presence.stub.NameVisitors(request, metadata=metadata(), timeout=10)
    assert dict(answer.names) == {"v1": "Carla", "visitor-77ab": "Visitor 77AB"}
    for visitors in ([], ["v1"] * 101, ["bad id"]):
        with pytest.raises(grpc.aio.AioRpcError, match="INVALID_ARGUMENT"):
            await presence.stub.NameVisitors(
                pb.NameVisitorsRequest(site="acme", visitors=visitors), metadata=metadata(), timeout=10
            )


async def test_an_invalid_search_is_refused(presence: Service) -> None:
    bad: list[JsonObject] = [{"text": ""}, {"text": "x" * 255}, {"text": "a\0"}, {"limit": 0}, {"limit": 101}]
    for fields in bad:
        with pytest.raises(grpc.aio.AioRpcError, match="INVALID_ARGUMENT"):
            await found(presence, **{"text": "x", **fields})
    assert not (await found(presence, "!?")).visitors


async def test_terms_of_older_rules_are_stored_again(presence: Service, mongodb_url: str, database_prefix: str) -> None:
    await named(presence, "v1", "Łukasz 王小明")
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    database = client[f"{database_prefix}_presence"]
    await database["visitors"].update_one({"name": {"$exists": True}}, {"$set": {"words": ["łukasz", "王小明"]}})
    assert list((await found(presence, "lukasz")).visitors) == []
    await database["migrations"].delete_many({})
    assert await PresenceStore(database).migrations[0].run() == 1
    for text in ("lukasz", "小明", "王"):
        assert list((await found(presence, text)).visitors) == ["v1"], text
    client.close()
