"""Inviting, changing and shutting out agents: by administrators of their own site, and never the last of them (I-21)."""

import asyncio
import hashlib
from typing import Any

import httpx
import pytest

from services.gateway.accounts.invitations import INVITATION_MS
from services.gateway.accounts.model import Agent
from services.gateway.http.invitations import ADDRESS_RULE
from tests.integration.gateway.http_api.http_side import ORIGIN, PASSWORD, HttpSide

PATH = "/api/v1/agents"
ROOT = "root@shop.test"
NEW = {"email": "Nora@Shop.test", "name": "Nora Nueva"}
CHOSEN = "a new horse battery"


async def agent_of(side: HttpSide, email: str) -> Agent:
    found = await side.store.agent_by_email(email)
    assert found is not None
    return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


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
        assert (await accept(side, token)).status_code == 204
        assert (
            await nora.post("/api/v1/session", json={"email": "nora@shop.test", "password": CHOSEN})
        ).status_code == 204
        assert (await nora.get("/api/v1/me")).json()["role"] == "agent"


async def test_a_link_is_good_once_and_only_its_hash_is_kept(side: HttpSide) -> None:
    """I-19."""
    token = (await invite(side))["invitation"]["token"]
    kept = [document async for document in side.collection("invitations").find()]
    assert [document["_id"] for document in kept] == [hashlib.sha256(token.encode()).hexdigest()]
    assert token not in str(kept)
    answers = await asyncio.gather(*(accept(side, token, f"{CHOSEN} {number}") for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]
    assert code(await accept(side, token)) == (404, "not_found")


async def test_a_link_ends_by_a_newer_one_and_with_the_access(side: HttpSide) -> None:
    body = await invite(side)
    first, path = body["invitation"]["token"], f"{PATH}/{body['agent']['agent']}"
    async with side.signed_in(ROOT) as root:
        second = (await root.post(f"{path}/invitation")).json()["invitation"]["token"]
        assert code(await accept(side, first)) == (404, "not_found")
        assert (await root.patch(path, json={"disabled": True})).json()["access"] == "disabled"
        assert code(await accept(side, second)) == (404, "not_found")
        assert code(await root.post(f"{path}/invitation")) == (400, "invalid")
        assert (await root.patch(path, json={"disabled": False})).json()["access"] == "invited"
        assert code(await accept(side, second)) == (404, "not_found")


async def test_a_link_is_good_for_a_week(side: HttpSide) -> None:
    token = (await invite(side))["invitation"]["token"]
    side.clock.ahead_ms = INVITATION_MS
    assert code(await accept(side, token)) == (404, "not_found")


@pytest.mark.parametrize("token", ["", "x" * 43, "$ne", "\u00f1" * 43])
async def test_what_is_no_token_opens_nothing(side: HttpSide, token: str) -> None:
    await invite(side)
    assert code(await accept(side, token)) == (404, "not_found")


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaa", "nora@shop.test", "x" * 1001])
async def test_a_poor_password_leaves_the_link_as_it_is(side: HttpSide, password: str) -> None:
    token = (await invite(side))["invitation"]["token"]
    assert code(await accept(side, token, password)) == (400, "invalid")
    assert (await accept(side, token)).status_code == 204


async def test_who_tries_many_tokens_is_slowed_down(side: HttpSide) -> None:
    """I-26."""
    for _ in range(ADDRESS_RULE.burst):
        await accept(side, "x" * 43)
    side.clock.ahead_ms -= 60_000
    assert code(await accept(side, "x" * 43)) == (429, "too_fast")


async def test_a_link_for_who_forgot_ends_their_sessions_once_it_is_taken(side: HttpSide) -> None:
    ana = await agent_of(side, "ana@shop.test")
    async with side.signed_in("ana@shop.test") as old, side.signed_in(ROOT) as root:
        token = (await root.post(f"{PATH}/{ana.id}/invitation")).json()["invitation"]["token"]
        assert (await old.get("/api/v1/me")).status_code == 200
        assert (await accept(side, token)).status_code == 204
        assert (await old.get("/api/v1/me")).status_code == 401
        assert code(await old.post("/api/v1/session", json={"email": "ana@shop.test", "password": PASSWORD})) == (
            401,
            "wrong_credentials",
        )


async def test_an_account_is_there_once(side: HttpSide) -> None:
    async with side.signed_in(ROOT) as root:
        for email in ("ana@shop.test", " ANA@shop.test ", "ana@other.test"):
            assert code(await root.post(PATH, json=NEW | {"email": email})) == (409, "conflict")


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


async def test_an_invitation_that_does_not_fit_is_refused(side: HttpSide) -> None:
    async with side.signed_in(ROOT) as root:
        for body in WRONG:
            assert code(await root.post(PATH, json=NEW | body)) == (400, "invalid"), body
    assert len(await side.store.all_agents("shop")) == 2


async def test_agents_see_names_administrators_everything(side: HttpSide) -> None:
    await invite(side)
    async with side.signed_in("ana@shop.test") as ana, side.signed_in(ROOT) as root:
        items = (await ana.get(PATH)).json()["items"]
        assert [sorted(item) for item in items] == [["agent", "name", "photo", "role"]] * 3
        assert code(await ana.get(PATH, params={"all": True})) == (403, "forbidden")
        whole = (await root.get(PATH, params={"all": True})).json()["items"]
        assert [(item["email"], item["access"]) for item in whole] == [
            ("ana@shop.test", "active"),
            ("nora@shop.test", "invited"),
            (ROOT, "active"),
        ]


async def test_an_agent_may_change_nobody(side: HttpSide) -> None:
    """S-04."""
    root = await agent_of(side, ROOT)
    async with side.signed_in("ana@shop.test") as ana:
        assert code(await ana.post(PATH, json=NEW)) == (403, "forbidden")
        assert code(await ana.patch(f"{PATH}/{root.id}", json={"role": "agent"})) == (403, "forbidden")
        assert code(await ana.post(f"{PATH}/{root.id}/invitation")) == (403, "forbidden")
        own = await agent_of(side, "ana@shop.test")
        assert code(await ana.patch(f"{PATH}/{own.id}", json={"role": "administrator"})) == (403, "forbidden")


async def test_another_sites_agent_is_as_one_that_is_not(side: HttpSide) -> None:
    foreign = await agent_of(side, "ana@other.test")
    async with side.signed_in(ROOT) as root:
        for agent in (foreign.id, "nobody"):
            answer = await root.patch(f"{PATH}/{agent}", json={"disabled": True})
            assert code(answer) == (404, "not_found")
            assert answer.json()["detail"] == "There is no such agent."
            assert code(await root.post(f"{PATH}/{agent}/invitation")) == (404, "not_found")
    assert not (await agent_of(side, "ana@other.test")).disabled


async def test_who_is_shut_out_is_out_everywhere_and_may_come_back(side: HttpSide) -> None:
    """I-21."""
    ana = await agent_of(side, "ana@shop.test")
    async with side.signed_in("ana@shop.test") as client, side.signed_in(ROOT) as root:
        assert (await root.patch(f"{PATH}/{ana.id}", json={"disabled": True})).json()["access"] == "disabled"
        assert (await client.get("/api/v1/me")).status_code == 401
        assert tuple(side.bus.announced[-1]) == ("shop", ana.id, None)
        assert code(await client.post("/api/v1/session", json={"email": ana.email, "password": PASSWORD})) == (
            401,
            "wrong_credentials",
        )
        assert (await root.patch(f"{PATH}/{ana.id}", json={"disabled": False})).json()["access"] == "active"
        assert (await client.get("/api/v1/me")).status_code == 401
    async with side.signed_in("ana@shop.test"):
        pass


async def test_a_new_role_opens_the_sockets_anew(side: HttpSide) -> None:
    """I-21."""
    ana = await agent_of(side, "ana@shop.test")
    async with side.signed_in("ana@shop.test") as client, side.signed_in(ROOT) as root:
        answer = await root.patch(f"{PATH}/{ana.id}", json={"role": "administrator"})
        assert answer.json()["role"] == "administrator"
        assert (await client.get("/api/v1/me")).json()["role"] == "administrator"
        assert len(side.bus.announced) == 1


@pytest.mark.parametrize("change", [{"role": "agent"}, {"disabled": True}])
async def test_the_last_administrator_stays(side: HttpSide, change: dict[str, Any]) -> None:
    """Neither who was invited nor who is shut out counts as one."""
    await invite(side, role="administrator")
    root = await agent_of(side, ROOT)
    async with side.signed_in(ROOT) as client:
        assert code(await client.patch(f"{PATH}/{root.id}", json=change)) == (400, "invalid")
        assert (await client.get("/api/v1/me")).json()["role"] == "administrator"


async def test_two_administrators_who_shut_each_other_out_at_once_leave_one(side: HttpSide) -> None:
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
