"""An agent sees and ends the own sessions; a session that is not used ends by itself (A6)."""

import httpx

from services.gateway.accounts.identity import SEEN_STEP_MS, SESSION_IDLE_MS, SESSION_MS, hash_of
from services.gateway.http.own_password import GUESS_RULE, PROOF_MS
from tests.integration.gateway.http_api.answers import no_content, ok, problem
from tests.integration.gateway.http_api.http_side import ANA, ORIGIN, PASSWORD, HttpSide, cookie_of, sign_in
from tests.support.json_object import JsonObject

SESSIONS = "/api/v1/me/sessions"
PROOF = "/api/v1/me/proof"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
SIGNED_OUT = (401, "not_signed_in")


async def listed(client: httpx.AsyncClient) -> list[JsonObject]:
    items: list[JsonObject] = ok(await client.get(SESSIONS))["items"]
    return items


async def test_the_list_has_the_own_sessions_newest_first(side: HttpSide) -> None:
    side.clock.stop()
    async with (
        side.client("192.0.2.1", origin=ORIGIN, **{"user-agent": FIREFOX}) as first,
        side.client("2001:db8::1", origin=ORIGIN, **{"user-agent": PHONE}) as second,
        side.signed_in("root@shop.test"),
        side.signed_in("ana@other.test"),
    ):
        no_content(await sign_in(first))
        side.clock.ahead_ms += 1000
        no_content(await sign_in(second))
        newest, oldest = await listed(first)
        assert newest["session"] == hash_of(cookie_of(second))
        assert (newest["current"], oldest["current"]) == (False, True)
        assert (newest["browser"], newest["os"], newest["device"]) == ("Chrome Mobile", "Android", "Phone")
        assert (oldest["browser"], oldest["os"], oldest["device"]) == ("Firefox", "Linux", "Desktop")
        assert (newest["address"], oldest["address"]) == ("2001:db8::1", "192.0.2.1")
        assert newest["created_at"] == newest["seen_at"] > oldest["created_at"]


async def test_one_session_is_ended(side: HttpSide) -> None:
    async with side.signed_in(ANA) as here, side.signed_in(ANA) as there, side.signed_in("root@shop.test") as root:
        agent = await side.identities.agent(cookie_of(here))
        assert agent is not None
        session_id = hash_of(cookie_of(there))
        for missing in ("0" * 64, "x"):
            assert problem(await here.delete(f"{SESSIONS}/{missing}")) == (404, "not_found")
        assert problem(await root.delete(f"{SESSIONS}/{session_id}")) == (404, "not_found")
        assert len(await listed(there)) == 2
        no_content(await here.delete(f"{SESSIONS}/{session_id}"))
        assert side.bus.announced == [("shop", agent.id, session_id)]
        assert problem(await there.get("/api/v1/me")) == SIGNED_OUT
        assert [one["current"] for one in await listed(here)] == [True]


async def test_sign_out_everywhere_ends_all_sessions_of_the_agent(side: HttpSide) -> None:
    async with side.signed_in(ANA) as here, side.signed_in(ANA) as there, side.signed_in("root@shop.test") as root:
        ids = {hash_of(cookie_of(here)), hash_of(cookie_of(there))}
        no_content(await here.delete(SESSIONS))
        assert {one.session for one in side.bus.announced} == ids
        for ended in (here, there):
            assert problem(await ended.get("/api/v1/me")) == SIGNED_OUT
        ok(await root.get("/api/v1/me"))


async def test_a_sign_in_of_long_ago_ends_other_sessions_only_with_the_password(side: HttpSide) -> None:
    side.clock.stop()
    async with side.signed_in(ANA) as here, side.signed_in(ANA) as there:
        others = f"{SESSIONS}/{hash_of(cookie_of(there))}"
        side.clock.ahead_ms += PROOF_MS
        for path in (SESSIONS, others):
            assert problem(await here.delete(path)) == (403, "proof_needed")
        assert problem(await here.post(PROOF, json={"password": "wrong"})) == (401, "wrong_credentials")
        assert problem(await here.delete(others)) == (403, "proof_needed")
        no_content(await here.post(PROOF, json={"password": PASSWORD}))
        assert problem(await there.delete(SESSIONS)) == (403, "proof_needed"), "the proof counts in its session only"
        side.clock.ahead_ms += PROOF_MS - 1
        no_content(await here.delete(others))
        side.clock.ahead_ms += 1
        assert problem(await here.delete(SESSIONS)) == (403, "proof_needed")
        no_content(await here.delete(f"{SESSIONS}/{hash_of(cookie_of(here))}"))
        assert problem(await here.get("/api/v1/me")) == SIGNED_OUT


async def test_proofs_of_the_password_are_limited_as_guesses(side: HttpSide) -> None:
    side.clock.stop()
    async with side.signed_in(ANA) as client:
        for _ in range(GUESS_RULE.burst):
            assert problem(await client.post(PROOF, json={"password": "wrong"})) == (401, "wrong_credentials")
        assert problem(await client.post(PROOF, json={"password": PASSWORD})) == (429, "too_fast")


async def test_a_session_that_is_not_used_ends(side: HttpSide) -> None:
    side.clock.stop()
    async with side.signed_in(ANA) as used, side.signed_in(ANA) as unused:
        for _ in range(2):
            side.clock.ahead_ms += SESSION_IDLE_MS // 2
            ok(await used.get("/api/v1/me"))
        assert [one["current"] for one in await listed(used)] == [True]
        assert problem(await unused.get("/api/v1/me")) == SIGNED_OUT


async def test_a_session_in_use_ends_two_weeks_after_the_sign_in(side: HttpSide) -> None:
    side.clock.stop()
    async with side.signed_in(ANA) as client:
        while side.clock.ahead_ms < SESSION_MS:
            ok(await client.get("/api/v1/me"))
            side.clock.ahead_ms += SESSION_IDLE_MS // 2
        assert problem(await client.get("/api/v1/me")) == SIGNED_OUT


async def test_the_last_use_is_written_at_most_every_few_minutes(side: HttpSide) -> None:
    side.clock.stop()
    async with side.signed_in(ANA) as client:
        (before,) = await listed(client)
        side.clock.ahead_ms = SEEN_STEP_MS - 1
        assert await listed(client) == [before]
        side.clock.ahead_ms = SEEN_STEP_MS
        await listed(client)
        (after,) = await listed(client)
        assert after["seen_at"] > before["seen_at"]
        assert {**after, "seen_at": ""} == {**before, "seen_at": ""}


async def test_a_session_of_an_earlier_version_continues(side: HttpSide) -> None:
    """It has no times: the first use begins them."""
    side.clock.stop()
    async with side.signed_in(ANA) as client:
        times = {"created_at_ms": "", "seen_at_ms": "", "address": "", "user_agent": ""}
        await side.collection("sessions").update_one({"_id": hash_of(cookie_of(client))}, {"$unset": times})
        side.clock.ahead_ms = SESSION_IDLE_MS
        (found,) = await listed(client)
        assert (found["created_at"], found["current"], found["browser"]) == (None, True, "Unknown")
        side.clock.ahead_ms += SESSION_IDLE_MS
        assert problem(await client.get("/api/v1/me")) == SIGNED_OUT


async def test_a_sign_in_ends_the_earlier_session_of_the_browser(side: HttpSide) -> None:
    async with side.signed_in(ANA) as client:
        earlier = cookie_of(client)
        assert problem(await sign_in(client, ANA, "wrong")) == (401, "wrong_credentials")
        assert await side.identities.agent(earlier) is not None
        no_content(await sign_in(client, "root@shop.test"))
        assert await side.identities.agent(earlier) is None
        assert [one.session for one in side.bus.announced] == [hash_of(earlier)]
