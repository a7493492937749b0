"""The first steps of a site: which pages load the widget, what is done, and for whose eyes."""

from typing import Any

import httpx
import pytest

from services.gateway.accounts.first_steps_store import MAX_REFUSED
from services.gateway.accounts.identity import SITE_CACHE_MS
from services.gateway.accounts.widget_loads import PAGE_RULE, REFUSED_RULE
from tests.integration.gateway.http_api.answers import no_content, ok, problem
from tests.integration.gateway.http_api.http_side import ANA, SHOP, HttpSide
from tests.integration.gateway.http_api.talks import say
from tests.integration.gateway.http_api.visitor_tokens import ask
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow

PATH = "/api/v1/site/first-steps"
ROOT, BOSS = "root@shop.test", "boss@other.test"
NOTHING_YET: JsonObject = {
    "dismissed": False,
    "seen": None,
    "refused": [],
    "tried": False,
    "invited": True,
    "introduced": False,
}
STAGING = "https://staging.example"


async def steps(client: httpx.AsyncClient) -> Any:
    return ok(await client.get(PATH))


async def refused_origins(client: httpx.AsyncClient) -> list[str]:
    return [page["origin"] for page in (await steps(client))["refused"]]


async def test_a_load_of_the_widget_is_seen_with_one_write_a_minute(whole: HttpSide) -> None:
    whole.clock.stop()
    async with whole.signed_in(ROOT) as root:
        assert await steps(root) == NOTHING_YET
        assert (await ask(whole)).status_code == 200
        first = (await steps(root))["seen"]
        assert first["origin"] == SHOP
        whole.clock.ahead_ms = PAGE_RULE.interval_ms - 1
        assert (await ask(whole)).status_code == 200
        assert (await steps(root))["seen"] == first
        whole.clock.ahead_ms += 1
        assert (await ask(whole)).status_code == 200
        later = (await steps(root))["seen"]
    assert (later["origin"], later["at"] > first["at"]) == (SHOP, True)


async def test_a_refused_page_is_listed_until_it_is_allowed(whole: HttpSide) -> None:
    async with whole.signed_in(ROOT) as root:
        assert problem(await ask(whole, STAGING)) == (403, "origin_refused")
        found = await steps(root)
        assert (found["seen"], [page["origin"] for page in found["refused"]]) == (None, [STAGING])
        ok(await root.patch("/api/v1/site", json={"version": 0, "origins": [SHOP, STAGING]}))
        assert await refused_origins(root) == []
        whole.clock.ahead_ms = SITE_CACHE_MS
        assert (await ask(whole, STAGING)).status_code == 200
        assert (await steps(root))["seen"]["origin"] == STAGING


async def test_the_list_of_refused_pages_is_short_and_has_web_origins_only(whole: HttpSide) -> None:
    """Clients choose these origins, so junk must neither fill the list nor become a rule of the site."""
    whole.clock.stop()
    for junk in ("null", "loopback", "javascript:alert(1)", "https://a.example/path", "file://", "$x", "https://a b"):
        await ask(whole, junk)
    await ask(whole, None)
    async with whole.signed_in(ROOT) as root:
        assert await refused_origins(root) == []
        for number in (*range(7), 3):
            whole.clock.ahead_ms += PAGE_RULE.interval_ms
            assert problem(await ask(whole, f"https://Shop{number}.example:443")) == (403, "origin_refused")
        expected = [f"https://shop{number}.example" for number in (3, 6, 5, 4, 2)]
        assert len(expected) == MAX_REFUSED
        assert await refused_origins(root) == expected
        whole.clock.ahead_ms += REFUSED_RULE.span_ms
        for number in range(100, 100 + 2 * REFUSED_RULE.burst):
            await ask(whole, f"https://shop{number}.example")
        last = 99 + REFUSED_RULE.burst
        assert (await refused_origins(root))[0] == f"https://shop{last}.example"


async def test_first_steps_are_the_own_sites_and_for_administrators(whole: HttpSide) -> None:
    """I-18: another site's administrator neither reads nor hides ours, and allows an origin on the own site only."""
    await whole.add_agent("other", BOSS, "administrator")
    await ask(whole)
    await ask(whole, STAGING)
    async with whole.signed_in(BOSS) as boss, whole.signed_in(ROOT) as root, whole.signed_in(ANA) as ana:
        for call in (ana.get(PATH), ana.patch(PATH, json={"dismissed": True})):
            assert problem(await call) == (403, "forbidden")
        assert await steps(boss) == NOTHING_YET
        no_content(await boss.patch(PATH, json={"dismissed": True}))
        ok(await boss.patch("/api/v1/site", json={"version": 0, "origins": [STAGING]}))
        whole.clock.ahead_ms = SITE_CACHE_MS
        assert problem(await ask(whole, STAGING)) == (403, "origin_refused")
        found = await steps(root)
        assert (found["dismissed"], found["seen"]["origin"]) == (False, SHOP)
        assert await refused_origins(root) == [STAGING]
        no_content(await root.patch(PATH, json={"dismissed": True}))
        assert (await steps(root))["dismissed"]


async def test_a_chat_a_second_agent_and_a_photo_are_steps(whole: HttpSide) -> None:
    await whole.add_site("new")
    await whole.add_agent("new", "ana@new.test", "administrator")
    async with whole.signed_in("ana@new.test") as ana:
        assert await steps(ana) == {**NOTHING_YET, "invited": False}
        ok(await ana.post("/api/v1/agents", json={"email": "ben@new.test", "name": "Ben"}), 201)
        await say(whole, ["Hello?"], site="new")

        async def tried() -> bool:
            return bool((await steps(ana))["tried"])

        # The projection of a chat follows its log.
        await eventually(tried, sentence="the chat is a step")
        assert (await steps(ana))["invited"]
        agent = await whole.store.agent_by_email("ana@new.test")
        assert agent is not None
        await whole.store.update_agent("new", agent.id, {"photo": "1"})
        assert (await steps(ana))["introduced"]
