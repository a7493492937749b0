"""The frames `release` and `take_over`: which agents may send them, and what agents and the visitor get."""

import json
from collections.abc import Callable

import msgspec

from tests.integration.gateway.sockets.browser import Browser
from tests.integration.gateway.sockets.running import Stack
from tests.integration.gateway.sockets.running_gateway import SITE
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject


async def switch_teams(demo: Stack, *, on: bool) -> None:
    """Writes the site as an administrator does."""
    store = demo.gateway.process.store
    site = await store.site(SITE)
    assert site is not None
    assert await store.change_site(msgspec.structs.replace(site, teams=on, version=site.version + 1), site.version)
    demo.gateway.process.identities.forget_site(SITE)


async def answer(client: Browser, kind: str, conversation: str) -> JsonObject:
    """The reply, or the refusal."""
    ref = f"{kind} {len(client.frames)}"
    await client.send_frame(kind, ref=ref, conversation=conversation)
    found = await eventually(lambda: [frame for frame in client.frames if frame.get("ref") == ref])
    return found[0]


async def heard(client: Browser, kind: str, where: Callable[[JsonObject], bool]) -> JsonObject:
    """Such a frame, also one that came before the last answer."""
    found = await eventually(
        lambda: [frame for frame in client.all(kind) if where(frame)], sentence=f"a frame {kind} as expected"
    )
    return found[0]


async def test_a_released_chat_is_in_the_queue_at_once_with_its_line_and_the_next_agent_takes_it(demo: Stack) -> None:
    await switch_teams(demo, on=True)
    token, _ = await demo.gateway.new_visitor()
    cookies = [await demo.sign_in(name) for name in ("Ana", "Ben")]
    async with (
        demo.gateway.visitor(token) as vera,
        demo.gateway.agent(cookies[0]) as ana,
        demo.gateway.agent(cookies[1]) as ben,
    ):
        conversation = (await vera.send("Hello"))["conversation"]
        assert (await answer(ana, "accept", conversation))["status"] == "active"
        await vera.send("Where is it?", conversation)
        released = await answer(ana, "release", conversation)
        assert (released["status"], released["assignee"], released["preview"]) == ("waiting", None, "Where is it?")
        head = released["head"]
        for agent in (ana, ben):
            waits = await heard(agent, "conversation", lambda frame: frame["head"] == head)
            assert (waits["status"], waits["preview"]) == ("waiting", "Where is it?")
            queue = await heard(agent, "queue", lambda frame: [one["head"] for one in frame["offers"]] == [head])
            assert queue["waiting"] == 1
        shown = await heard(vera, "entry", lambda frame: frame["kind"] == "requeued")
        assert set(shown) == {"type", "conversation", "epoch", "seq", "kind", "at"}
        await vera.next("site", lambda frame: frame["queue_position"] == 1)
        assert (await answer(ana, "release", conversation))["ok"] is True, "the same again changes nothing"
        assert (await answer(ben, "accept", conversation))["status"] == "active"
        assert (await answer(ana, "release", conversation))["code"] == "not_assigned"
        await ana.send_frame("fetch", ref="log", conversation=conversation, after=0, epoch=1, limit=100)
        log = (await ana.next("entries", lambda frame: frame["ref"] == "log"))["items"]
        assert [(one["kind"], one.get("reason")) for one in log if one["kind"] != "message"] == [
            ("opened", None),
            ("assigned", None),
            ("requeued", "released"),
            ("assigned", None),
        ]
        assert "released" not in json.dumps(vera.frames)


async def test_an_administrator_takes_over_and_the_visitor_reads_the_new_name(demo: Stack) -> None:
    await switch_teams(demo, on=True)
    token, _ = await demo.gateway.new_visitor()
    cookies = [await demo.sign_in("Ana"), await demo.sign_in("Ben"), await demo.sign_in("Pia", "administrator")]
    async with (
        demo.gateway.visitor(token) as vera,
        demo.gateway.agent(cookies[0]) as ana,
        demo.gateway.agent(cookies[1]) as ben,
        demo.gateway.agent(cookies[2]) as pia,
    ):
        conversation = (await vera.send("Hello"))["conversation"]
        assert (await answer(pia, "take_over", conversation))["code"] == "not_assigned"
        assert (await answer(ana, "accept", conversation))["ok"] is True
        assert (await answer(ben, "take_over", conversation))["code"] == "forbidden"
        taken = await answer(pia, "take_over", conversation)
        assert taken["assignee"]["name"] == "Pia"
        assert (await answer(pia, "take_over", conversation))["head"] == taken["head"], "the same again changes nothing"
        assert (await vera.entry(kind="assigned", seq=taken["head"]))["agent"]["name"] == "Pia"
        news = await heard(ana, "conversation", lambda frame: frame["head"] == taken["head"])
        assert (news["status"], news["assignee"]["name"]) == ("active", "Pia")
        assert (await answer(ana, "close", conversation))["code"] == "not_assigned"
        assert (await answer(pia, "close", conversation))["status"] == "closed"
        for kind in ("release", "take_over"):
            assert (await answer(pia, kind, conversation))["code"] == "closed"


async def test_without_the_sites_setting_both_frames_are_refused_and_change_nothing(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    cookies = [await demo.sign_in("Ana"), await demo.sign_in("Pia", "administrator")]
    async with (
        demo.gateway.visitor(token) as vera,
        demo.gateway.agent(cookies[0]) as ana,
        demo.gateway.agent(cookies[1]) as pia,
    ):
        conversation = (await vera.send("Hello"))["conversation"]
        head = (await answer(ana, "accept", conversation))["head"]
        for agent, kind in ((ana, "release"), (pia, "take_over")):
            refused = await answer(agent, kind, conversation)
            assert (refused["code"], refused["message"]) == ("switched_off", "The site's setting teams is off.")
        assert (await answer(ana, "accept", conversation))["head"] == head
        await switch_teams(demo, on=True)
        assert (await answer(pia, "take_over", conversation))["ok"] is True


async def test_a_chat_of_another_site_does_not_exist(demo: Stack) -> None:
    await switch_teams(demo, on=True)
    token, _ = await demo.gateway.new_visitor()
    await demo.add_site("other")
    store = demo.gateway.process.store
    other = await store.site("other")
    assert other is not None
    assert await store.change_site(msgspec.structs.replace(other, teams=True, version=1), 0)
    cookies = [await demo.sign_in("Ana"), await demo.sign_in("Max", "administrator", "other")]
    async with (
        demo.gateway.visitor(token) as vera,
        demo.gateway.agent(cookies[0]) as ana,
        demo.gateway.agent(cookies[1]) as max_,
    ):
        conversation = (await vera.send("Hello"))["conversation"]
        assert (await answer(ana, "accept", conversation))["ok"] is True
        for kind in ("release", "take_over"):
            assert (await answer(max_, kind, conversation))["code"] == "not_found"
