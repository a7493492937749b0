"""Administrators invite, change and disable agents of their own site, except its last administrator (I-21)."""

import asyncio
import hashlib
from typing import Any

import httpx
import pytest

from services.gateway.accounts.identity import hash_of
from services.gateway.accounts.invitations import INVITATION_MS, RESET_MS
from services.gateway.accounts.model import Agent
from services.gateway.http.invitations import ADDRESS_RULE
from tests.integration.gateway.http_api.http_side import ORIGIN, PASSWORD, HttpSide, no_content, ok, problem

PATH = "/api/v1/agents"
ROOT = "root@shop.test"
NEW = {"email": "Nora@Shop.test", "name": "Nora Nueva"}
CHOSEN = "a new horse battery"


async def agent_of(side: HttpSide, email: str) -> Agent:
    found = await side.store.agent_by_email(email)
    assert found is not None
    return found


async def invite(side: HttpSide, **body: Any) -> Any:
    async with side.signed_in(ROOT) as root:
        answer = await root.post(PATH, json=NEW | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def accept(side: HttpSide, token: str, password: str = CHOSEN) -> httpx.Response:
    async with side.client(origin=ORIGIN) as client:
        return await client.post("/api/v1/invitation/password", json={"token": token, "password": password})


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


async def link_for(side: HttpSide, email: str) -> str:
    """A link of an administrator to set another password."""
    agent = await agent_of(side, email)
    async with side.signed_in(ROOT) as root:
        token: str = ok(await root.post(f"{PATH}/{agent.id}/invitation"))["invitation"]["token"]
    return token


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


async def test_an_email_address_has_one_account(side: HttpSide) -> None:
    async with side.signed_in(ROOT) as root:
        for email in ("ana@shop.test", " ANA@shop.test ", "ana@other.test"):
            assert problem(await root.post(PATH, json=NEW | {"email": email})) == (409, "conflict")


@pytest.mark.parametrize(
    ("email", "same"),
    [
        ("Ana.López@correo.example", " ana.lo\u0301pez@CORREO.example"),
        ("ana@münchen.example", "ANA@xn--mnchen-3ya.example"),
    ],
)
async def test_an_internationalised_address_has_one_account_in_every_form(
    side: HttpSide, email: str, same: str
) -> None:
    async with side.signed_in(ROOT) as root:
        made = (await root.post(PATH, json=NEW | {"email": email})).json()
        assert made["agent"]["email"] == email.lower()
        assert problem(await root.post(PATH, json=NEW | {"email": same})) == (409, "conflict")
    no_content(await accept(side, made["invitation"]["token"]))
    async with side.client(origin=ORIGIN) as client:
        no_content(await client.post("/api/v1/session", json={"email": same, "password": CHOSEN}))
        assert ok(await client.get("/api/v1/me"))["email"] == email.lower()


WRONG: list[dict[str, Any]] = [
    {"email": "nobody"},
    {"email": "a@b"},
    {"email": "a b@c.test"},
    {"email": "a@" + "x" * 300 + ".test"},
    {"name": " "},
    {"name": "..."},
    {"name": "x" * 101},
    {"name": "a\u202eb"},
    {"role": "owner"},
    {"site": "other"},
    {"email": {"$ne": ""}},
]


async def test_an_invalid_invitation_is_refused(side: HttpSide) -> None:
    async with side.signed_in(ROOT) as root:
        for body in WRONG:
            assert problem(await root.post(PATH, json=NEW | body)) == (400, "invalid"), body
    assert len(await side.store.all_agents("shop")) == 2


async def test_agents_list_names_and_administrators_list_accounts(side: HttpSide) -> None:
    await invite(side)
    async with side.signed_in("ana@shop.test") as ana, side.signed_in(ROOT) as root:
        items = ok(await ana.get(PATH))["items"]
        assert [sorted(item) for item in items] == [["agent", "name", "photo", "role"]] * 3
        assert problem(await ana.get(PATH, params={"all": True})) == (403, "forbidden")
        whole = ok(await root.get(PATH, params={"all": True}))["items"]
        assert [(item["email"], item["access"]) for item in whole] == [
            ("ana@shop.test", "active"),
            ("nora@shop.test", "invited"),
            (ROOT, "active"),
        ]


async def test_an_agent_may_not_change_agents(side: HttpSide) -> None:
    """S-04."""
    root = await agent_of(side, ROOT)
    async with side.signed_in("ana@shop.test") as ana:
        assert problem(await ana.post(PATH, json=NEW)) == (403, "forbidden")
        assert problem(await ana.patch(f"{PATH}/{root.id}", json={"role": "agent"})) == (403, "forbidden")
        assert problem(await ana.post(f"{PATH}/{root.id}/invitation")) == (403, "forbidden")
        own = await agent_of(side, "ana@shop.test")
        assert problem(await ana.patch(f"{PATH}/{own.id}", json={"role": "administrator"})) == (403, "forbidden")


async def test_another_sites_agent_is_not_found(side: HttpSide) -> None:
    foreign = await agent_of(side, "ana@other.test")
    async with side.signed_in(ROOT) as root:
        for agent in (foreign.id, "nobody"):
            answer = await root.patch(f"{PATH}/{agent}", json={"disabled": True})
            assert problem(answer) == (404, "not_found")
            assert answer.json()["detail"] == "There is no such agent."
            assert problem(await root.post(f"{PATH}/{agent}/invitation")) == (404, "not_found")
    assert not (await agent_of(side, "ana@other.test")).disabled


async def test_a_disabled_agent_is_signed_out_and_can_be_enabled_again(side: HttpSide) -> None:
    """I-21."""
    ana = await agent_of(side, "ana@shop.test")
    async with side.signed_in("ana@shop.test") as client, side.signed_in(ROOT) as root:
        assert ok(await root.patch(f"{PATH}/{ana.id}", json={"disabled": True}))["access"] == "disabled"
        assert problem(await client.get("/api/v1/me")) == (401, "not_signed_in")
        assert tuple(side.bus.announced[-1]) == ("shop", ana.id, None)
        assert problem(await client.post("/api/v1/session", json={"email": ana.email, "password": PASSWORD})) == (
            401,
            "wrong_credentials",
        )
        assert ok(await root.patch(f"{PATH}/{ana.id}", json={"disabled": False}))["access"] == "active"
        assert problem(await client.get("/api/v1/me")) == (401, "not_signed_in")
    async with side.signed_in("ana@shop.test"):
        pass


async def test_a_new_role_reconnects_the_sockets(side: HttpSide) -> None:
    """I-21."""
    ana = await agent_of(side, "ana@shop.test")
    async with side.signed_in("ana@shop.test") as client, side.signed_in(ROOT) as root:
        answer = await root.patch(f"{PATH}/{ana.id}", json={"role": "administrator"})
        assert answer.json()["role"] == "administrator"
        assert ok(await client.get("/api/v1/me"))["role"] == "administrator"
        assert len(side.bus.announced) == 1


@pytest.mark.parametrize("change", [{"role": "agent"}, {"disabled": True}])
async def test_the_last_administrator_keeps_role_and_access(side: HttpSide, change: dict[str, Any]) -> None:
    """Invited and disabled administrators do not count."""
    await invite(side, role="administrator")
    root = await agent_of(side, ROOT)
    async with side.signed_in(ROOT) as client:
        assert problem(await client.patch(f"{PATH}/{root.id}", json=change)) == (400, "invalid")
        assert ok(await client.get("/api/v1/me"))["role"] == "administrator"


async def test_two_administrators_disabling_each_other_at_once_leave_one(side: HttpSide) -> None:
    await side.add_agent("shop", "second@shop.test", "administrator")
    one, other = await agent_of(side, ROOT), await agent_of(side, "second@shop.test")
    for _ in range(5):
        async with side.signed_in(one.email) as first, side.signed_in(other.email) as second:
            await asyncio.gather(
                first.patch(f"{PATH}/{other.id}", json={"disabled": True}),
                second.patch(f"{PATH}/{one.id}", json={"disabled": True}),
            )
        left = [agent for agent in await side.store.agents("shop") if agent.role == "administrator"]
        assert len(left) == 1
        for agent in (one, other):
            await side.store.set_disabled(agent.id, False)
