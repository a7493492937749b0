"""The list of visitors for agents, and the availability of agents for visitors, with a real presence service."""

from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from palique.presence.v1.live_pb2 import VisitorsDelta
from palique.presence.v1.presence_pb2 import EditVisitorRequest, GetVisitorRequest, VisitorRow

from kit.bus.contract import InvalidMessage
from tests.integration.gateway.sockets.running import Stack
from tests.integration.gateway.sockets.running_gateway import SHOP, SITE
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow

WATCH = {"sort": "since", "descending": True, "filter": {}, "offset": 0, "limit": 50}


@pytest.mark.parametrize("state", ["", "nope"])
async def test_a_row_with_an_unknown_state_never_reaches_the_list(demo: Stack, state: str) -> None:
    async with demo.gateway.agent(await demo.sign_in("Ana")) as ana:
        await ana.send_frame("watch_visitors", **WATCH)
        await ana.next("visitors")
        delta = VisitorsDelta(publisher="p", number=1, upserts=[VisitorRow(visitor="v", name="V", state=state, rev=1)])
        roster = demo.gateway.process.visitor_roster
        with pytest.raises(InvalidMessage, match="A state is unknown"):
            roster.apply_delta(SITE, delta.SerializeToString())
        assert roster.name(SITE, "v") is None


async def test_a_visitor_appears_on_the_list_changes_and_disappears(demo: Stack) -> None:
    """Requirements S-14, S-15, S-20: with page, browser and system, updated at each navigation; removed after the visit (I-12)."""
    token, visitor = await demo.gateway.new_visitor()
    cookie = await demo.sign_in("Ana")
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    async with demo.gateway.agent(cookie) as ana:
        await ana.send_frame("watch_visitors", **WATCH)
        window = await ana.next("visitors")
        assert (window["total"], window["online"], window["rows"]) == (0, 0, [])
        page = {"url": f"{SHOP}/shoes", "title": "Shoes", "referrer": ""}
        async with demo.gateway.visitor(token, page=page, user_agent_header=browser) as vera:
            change = await ana.next("visitors_changed", lambda frame: frame["total"] == 1)
            row = change["upsert"][0]
            assert change["order"] == [visitor]
            assert row["visitor"] == visitor
            assert (row["page"]["url"], row["page"]["title"]) == (f"{SHOP}/shoes", "Shoes")
            assert (row["region"], row["browser"], row["os"], row["state"]) == ("Local", "Firefox", "Linux", "browsing")
            assert row["visits"] == 1
            assert row["since"] <= row["page"]["at"]

            await vera.send_frame("page", url=f"{SHOP}/hats", title="Hats", referrer=f"{SHOP}/shoes")
            change = await ana.next("visitors_changed")
            assert change["upsert"][0]["page"]["title"] == "Hats"
            assert change["upsert"][0]["page"]["at"] > row["page"]["at"]
            async with demo.gateway.visitor(token):
                await eventually(lambda: demo.gateway.sample("palique_presence_reports_total", outcome="taken") >= 4)
        await demo.end_visits()
        change = await ana.next("visitors_changed", lambda frame: frame["total"] == 0)
        assert change["remove"] == [visitor]
        # Requirement I-11: a second tab is neither a second visit nor a second row.
        assert {frame["online"] for frame in ana.all("visitors_changed")} == {0, 1}


async def test_a_new_name_reaches_every_agent_of_the_site_also_of_a_visitor_that_left(demo: Stack) -> None:
    """Requirement S-24: whatever rows an agent holds. Another site's agents get neither the change nor an answer (I-18)."""
    token, visitor = await demo.gateway.new_visitor()
    ana_cookie, ben_cookie = await demo.sign_in("Ana"), await demo.sign_in("Ben")
    presence = demo.gateway.process.presence

    async def rename(name: str) -> None:
        known = GetVisitorRequest(site=SITE, visitor=visitor)
        version = (await presence.call(lambda stub: stub.GetVisitor, known)).visitor.version
        edit = EditVisitorRequest(site=SITE, visitor=visitor, version=version, name=name)
        await presence.call(lambda stub: stub.EditVisitor, edit)

    def names(name: str) -> Callable[[JsonObject], bool]:
        return lambda frame: frame["visitors"] == [{"id": visitor, "name": name}]

    async with demo.gateway.agent(ana_cookie) as ana, demo.gateway.agent(ben_cookie) as ben:
        # Neither window has the visitor's row.
        for agent in (ana, ben):
            await agent.send_frame("watch_visitors", **{**WATCH, "filter": {"text": "no such visitor"}})
            await agent.next("visitors")
        async with demo.gateway.visitor(token):
            await eventually(demo.counts_online(1))
            await rename("Berta")
            for agent in (ana, ben):
                await agent.next("visitor_names", names("Berta"))
        await demo.end_visits()
        await eventually(demo.counts_online(0))
        await rename("Berta Boss")
        for agent in (ana, ben):
            await agent.next("visitor_names", names("Berta Boss"))
        await ana.send_frame("name_visitors", visitors=[visitor, "unknown"])
        await ana.next("visitor_names", names("Berta Boss"))


async def test_a_list_of_several_pages_is_complete(demo: Stack) -> None:
    """Requirement S-14: with more visitors than one answer of presence holds."""
    demo.gateway.process.visitor_roster.page_size = 2
    cookie = await demo.sign_in("Ana")
    async with AsyncExitStack() as people:
        there = set()
        for _ in range(5):
            token, visitor = await demo.gateway.new_visitor()
            await people.enter_async_context(demo.gateway.visitor(token))
            there.add(visitor)
        await eventually(demo.counts_online(5))
        ana = await people.enter_async_context(demo.gateway.agent(cookie))
        await ana.send_frame("watch_visitors", **WATCH)
        assert {row["visitor"] for row in (await ana.next("visitors"))["rows"]} == there


async def test_visitors_get_the_availability_and_their_place_in_the_queue(demo: Stack) -> None:
    """Requirements W-04, I-15: the widget gets changes without a reload."""
    token, _ = await demo.gateway.new_visitor()
    other, _ = await demo.gateway.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.visitor(token) as vera, demo.gateway.visitor(other) as otto:
        assert (await vera.next("site"))["online"] is False
        async with demo.gateway.agent(cookie) as ana:
            assert await vera.next("site", lambda frame: frame["online"])
            conversation = (await vera.send("Hello"))["conversation"]
            await vera.next("site", lambda frame: frame["queue_position"] == 1)
            await otto.send("Hello")
            await otto.next("site", lambda frame: frame["queue_position"] == 2)
            await ana.send_frame("accept", ref="1", conversation=conversation)
            await otto.next("site", lambda frame: frame["queue_position"] == 1)
            await vera.next("site", lambda frame: frame["queue_position"] is None)
            await ana.send_frame("status", status="away")
            await vera.next("site", lambda frame: not frame["online"])
            await ana.send_frame("status", status="online")
            await vera.next("site", lambda frame: frame["online"])


async def test_after_an_expired_lease_every_connection_is_reported_again(demo: Stack) -> None:
    """The lease expires although the gateway runs: its visitors and agents are online again without any action of theirs."""
    token, visitor = await demo.gateway.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.agent(cookie) as ana, demo.gateway.visitor(token) as vera:
        await ana.send_frame("watch_visitors", **WATCH)
        await vera.next("site", lambda frame: frame["online"])
        await vera.send_frame("page", url=f"{SHOP}/hats", title="Hats", referrer="")
        reported = demo.gateway.sample("palique_presence_reports_total", outcome="taken")
        demo.presence_clock.ahead_ms = 120_000
        await eventually(lambda: demo.gateway.sample("palique_presence_reports_total", outcome="taken") > reported)
        await ana.send_frame("watch_visitors", **WATCH)
        window = await ana.next("visitors")
        while not [row for row in window["rows"] if row["page"]["title"] == "Hats"]:
            await ana.send_frame("watch_visitors", **WATCH)
            window = await ana.next("visitors")
        assert [row["visitor"] for row in window["rows"]] == [visitor]
        assert await eventually(lambda: demo.gateway.process.agent_roster.online(SITE))
