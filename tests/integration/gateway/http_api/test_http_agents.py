"""Administrators invite, change and disable agents of their own site, except its last administrator (I-21)."""

import asyncio

import pytest

from tests.integration.gateway.http_api.answers import no_content, ok, problem
from tests.integration.gateway.http_api.http_side import ORIGIN, PASSWORD, HttpSide
from tests.integration.gateway.http_api.invited_agents import CHOSEN, NEW, PATH, ROOT, accept, agent_of, invite
from tests.support.json_object import JsonObject


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


WRONG: list[JsonObject] = [
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
async def test_the_last_administrator_keeps_role_and_access(side: HttpSide, change: JsonObject) -> None:
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
