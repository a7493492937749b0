"""Invitations and links to replace a password: each works once, for a time, and only for its agent."""

import asyncio
import hashlib

import pytest

from services.gateway.accounts.identity import hash_of
from services.gateway.accounts.invitations import INVITATION_MS, RESET_MS
from services.gateway.http.invitations import ADDRESS_RULE
from tests.integration.gateway.http_api.answers import no_content, ok, problem
from tests.integration.gateway.http_api.http_side import ORIGIN, PASSWORD, HttpSide
from tests.integration.gateway.http_api.invited_agents import CHOSEN, PATH, ROOT, accept, agent_of, invite, link_for


async def test_an_invited_agent_sets_a_password_and_signs_in(side: HttpSide) -> None:
    body = await invite(side)
    token = body["invitation"]["token"]
    assert len(token) == 43
    assert (body["agent"]["email"], body["agent"]["access"]) == ("nora@shop.test", "invited")
    async with side.client(origin=ORIGIN) as nora:
        shown = await nora.post("/api/v1/invitation", json={"token": token})
        assert shown.json() == {"name": "Nora Nueva", "email": "nora@shop.test"}
        assert (
            await nora.post("/api/v1/session", json={"email": "nora@shop.test", "password": CHOSEN})
        ).status_code == 401
        no_content(await accept(side, token))
        assert (
            await nora.post("/api/v1/session", json={"email": "nora@shop.test", "password": CHOSEN})
        ).status_code == 204
        assert ok(await nora.get("/api/v1/me"))["role"] == "agent"


async def test_an_invitation_works_once_and_only_its_hash_is_stored(side: HttpSide) -> None:
    """I-19."""
    token = (await invite(side))["invitation"]["token"]
    kept = [document async for document in side.collection("invitations").find()]
    assert [document["_id"] for document in kept] == [hashlib.sha256(token.encode()).hexdigest()]
    assert token not in str(kept)
    answers = await asyncio.gather(*(accept(side, token, f"{CHOSEN} {number}") for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]
    assert problem(await accept(side, token)) == (404, "not_found")


async def test_an_invitation_ends_with_a_newer_one_and_with_the_access(side: HttpSide) -> None:
    body = await invite(side)
    first, path = body["invitation"]["token"], f"{PATH}/{body['agent']['agent']}"
    async with side.signed_in(ROOT) as root:
        second = (await root.post(f"{path}/invitation")).json()["invitation"]["token"]
        assert problem(await accept(side, first)) == (404, "not_found")
        assert ok(await root.patch(path, json={"disabled": True}))["access"] == "disabled"
        assert problem(await accept(side, second)) == (404, "not_found")
        assert problem(await root.post(f"{path}/invitation")) == (400, "invalid")
        assert ok(await root.patch(path, json={"disabled": False}))["access"] == "invited"
        assert problem(await accept(side, second)) == (404, "not_found")


async def test_an_invitation_expires_after_a_week(side: HttpSide) -> None:
    token = (await invite(side))["invitation"]["token"]
    side.clock.ahead_ms = INVITATION_MS
    assert problem(await accept(side, token)) == (404, "not_found")


async def test_a_link_to_replace_a_password_expires_after_an_hour(side: HttpSide) -> None:
    side.clock.stop()
    token = await link_for(side, "ana@shop.test")
    side.clock.ahead_ms = RESET_MS - 1
    other = await link_for(side, "ana@shop.test")
    assert problem(await accept(side, token)) == (404, "not_found")
    side.clock.ahead_ms += RESET_MS
    assert problem(await accept(side, other)) == (404, "not_found")
    no_content(await accept(side, await link_for(side, "ana@shop.test")))


async def test_a_new_password_ends_the_links_of_the_agent(side: HttpSide) -> None:
    """A6: also several links, as two administrators at the same moment may leave them."""
    ana = await agent_of(side, "ana@shop.test")
    root_link = await link_for(side, ROOT)
    links = [await link_for(side, "ana@shop.test")]
    document = await side.collection("invitations").find_one({"agent": ana.id})
    assert document is not None
    await side.collection("invitations").insert_one({**document, "_id": hash_of("t" * 43)})
    links.append("t" * 43)
    async with side.signed_in("ana@shop.test") as browser:
        change = {"current": PASSWORD, "new": CHOSEN}
        no_content(await browser.post("/api/v1/me/password", json=change))
    for link in links:
        assert problem(await accept(side, link, "another new horse")) == (404, "not_found")
    no_content(await accept(side, root_link))


async def test_one_used_link_ends_the_others(side: HttpSide) -> None:
    ana = await agent_of(side, "ana@shop.test")
    link = await link_for(side, "ana@shop.test")
    document = await side.collection("invitations").find_one({"agent": ana.id})
    assert document is not None
    await side.collection("invitations").insert_one({**document, "_id": hash_of("t" * 43)})
    no_content(await accept(side, link))
    assert problem(await accept(side, "t" * 43, "another new horse")) == (404, "not_found")


@pytest.mark.parametrize("token", ["", "x" * 43, "$ne", "\u00f1" * 43])
async def test_a_malformed_token_is_not_found(side: HttpSide, token: str) -> None:
    await invite(side)
    assert problem(await accept(side, token)) == (404, "not_found")


@pytest.mark.parametrize(
    "password", ["", "short", "xk3jf93kd02", "password12345", "Nora Nueva 1", "nora@shop.test", "x" * 1001]
)
async def test_a_weak_password_does_not_consume_the_invitation(side: HttpSide, password: str) -> None:
    token = (await invite(side))["invitation"]["token"]
    assert problem(await accept(side, token, password)) == (400, "invalid")
    no_content(await accept(side, token))


async def test_guessing_tokens_is_throttled_by_address(side: HttpSide) -> None:
    """I-26."""
    for _ in range(ADDRESS_RULE.burst):
        await accept(side, "x" * 43)
    side.clock.ahead_ms -= 60_000
    assert problem(await accept(side, "x" * 43)) == (429, "too_fast")


async def test_a_password_reset_ends_the_sessions_when_it_is_accepted(side: HttpSide) -> None:
    ana = await agent_of(side, "ana@shop.test")
    async with side.signed_in("ana@shop.test") as old, side.signed_in(ROOT) as root:
        token = (await root.post(f"{PATH}/{ana.id}/invitation")).json()["invitation"]["token"]
        assert (await old.get("/api/v1/me")).status_code == 200
        no_content(await accept(side, token))
        assert problem(await old.get("/api/v1/me")) == (401, "not_signed_in")
        assert problem(await old.post("/api/v1/session", json={"email": "ana@shop.test", "password": PASSWORD})) == (
            401,
            "wrong_credentials",
        )
