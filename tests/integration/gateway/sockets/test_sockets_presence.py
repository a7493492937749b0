"""Visitors on the agents' list, agents' availability at the visitors, over a real presence service."""

from contextlib import AsyncExitStack

import pytest

from tests.integration.gateway.sockets.running import SHOP, SITE, Town
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow

WATCH = {"sort": "since", "descending": True, "filter": {}, "offset": 0, "limit": 50}


async def test_a_visitor_is_on_the_list_and_moves_on_it(demo: Town) -> None:
    """S-14, S-15, S-20: there with page and computer, changing as they navigate, gone after they left (I-12)."""
    token, visitor = await demo.door.new_visitor()
    cookie = await demo.sign_in("Ana")
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    async with demo.door.agent(cookie) as ana:
        await ana.say("watch_visitors", **WATCH)
        window = await ana.next("visitors")
        assert (window["total"], window["online"], window["rows"]) == (0, 0, [])
        page = {"url": f"{SHOP}/shoes", "title": "Shoes", "referrer": ""}
        async with demo.door.visitor(token, page=page, user_agent_header=browser) as vera:
            change = await ana.next("visitors_changed", lambda frame: frame["total"] == 1)
            row = change["upsert"][0]
            assert change["order"] == [visitor]
            assert row["visitor"] == visitor
            assert (row["page"]["url"], row["page"]["title"]) == (f"{SHOP}/shoes", "Shoes")
            assert (row["region"], row["browser"], row["os"], row["state"]) == ("Local", "Firefox", "Linux", "browsing")
            assert row["visits"] == 1
            assert row["since"] <= row["page"]["at"]

            await vera.say("page", url=f"{SHOP}/hats", title="Hats", referrer=f"{SHOP}/shoes")
            change = await ana.next("visitors_changed")
            assert change["upsert"][0]["page"]["title"] == "Hats"
            assert change["upsert"][0]["page"]["at"] > row["page"]["at"]
            async with demo.door.visitor(token):
                await eventually(lambda: demo.door.sample("palique_presence_reports_total", outcome="taken") >= 4)
        change = await ana.next("visitors_changed", lambda frame: frame["total"] == 0, seconds=20)
        assert change["remove"] == [visitor]
        # I-11: a second tab is no second visit and no second row.
        assert {frame["online"] for frame in ana.all("visitors_changed")} == {0, 1}


async def test_a_list_of_several_pages_is_one_list(demo: Town) -> None:
    """S-14: with more online than presence puts into one answer."""
    demo.door.gateway.visitor_roster.page_size = 2
    cookie = await demo.sign_in("Ana")
    async with AsyncExitStack() as people:
        there = set()
        for _ in range(5):
            token, visitor = await demo.door.new_visitor()
            await people.enter_async_context(demo.door.visitor(token))
            there.add(visitor)
        await eventually(lambda: demo.registries["presence"].get_sample_value("palique_visitors_online") == 5)
        ana = await people.enter_async_context(demo.door.agent(cookie))
        await ana.say("watch_visitors", **WATCH)
        assert {row["visitor"] for row in (await ana.next("visitors"))["rows"]} == there


async def test_visitors_hear_whether_somebody_is_there(demo: Town) -> None:
    """W-04, I-15: the widget switches by itself, and knows its place in the queue."""
    token, _ = await demo.door.new_visitor()
    other, _ = await demo.door.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.door.visitor(token) as vera, demo.door.visitor(other) as otto:
        assert (await vera.next("site"))["online"] is False
        async with demo.door.agent(cookie) as ana:
            assert await vera.next("site", lambda frame: frame["online"])
            conversation = (await vera.send("Hello"))["conversation"]
            await vera.next("site", lambda frame: frame["queue_position"] == 1)
            await otto.send("Hello")
            await otto.next("site", lambda frame: frame["queue_position"] == 2)
            await ana.say("accept", ref="1", conversation=conversation)
            await otto.next("site", lambda frame: frame["queue_position"] == 1)
            await vera.next("site", lambda frame: frame["queue_position"] is None)
            await ana.say("status", status="away")
            await vera.next("site", lambda frame: not frame["online"])
            await ana.say("status", status="online")
            await vera.next("site", lambda frame: frame["online"])


async def test_a_presence_that_forgot_this_gateway_is_told_of_every_socket_again(demo: Town) -> None:
    """The lease runs out although the gateway lives: its visitors and agents come back by themselves."""
    token, visitor = await demo.door.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.door.agent(cookie) as ana, demo.door.visitor(token) as vera:
        await ana.say("watch_visitors", **WATCH)
        await vera.next("site", lambda frame: frame["online"])
        await vera.say("page", url=f"{SHOP}/hats", title="Hats", referrer="")
        reported = demo.door.sample("palique_presence_reports_total", outcome="taken")
        demo.presence_clock.ahead_ms = 120_000
        await eventually(lambda: demo.door.sample("palique_presence_reports_total", outcome="taken") > reported)
        await ana.say("watch_visitors", **WATCH)
        window = await ana.next("visitors")
        while not [row for row in window["rows"] if row["page"]["title"] == "Hats"]:
            await ana.say("watch_visitors", **WATCH)
            window = await ana.next("visitors")
        assert [row["visitor"] for row in window["rows"]] == [visitor]
        assert await eventually(lambda: demo.door.gateway.agent_roster.online(SITE))
