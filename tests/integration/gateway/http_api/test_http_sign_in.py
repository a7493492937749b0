"""Sign-in, the session cookie and sign-out, without revealing which accounts exist."""

import asyncio
import hashlib
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters

from services.gateway.accounts.identity import (
    DEVICE_COOKIE,
    PLAIN_DEVICE_COOKIE,
    PLAIN_SESSION_COOKIE,
    SESSION_COOKIE,
)
from services.gateway.accounts.passwords import MAX_OF_CALLER, RETRY_MS
from services.gateway.accounts.sign_in_throttle import GUESSER_RULE
from tests.integration.gateway.http_api.answers import no_content, ok, problem
from tests.integration.gateway.http_api.http_side import ANA, ORIGIN, PASSWORD, HttpSide, cookie_of, running, sign_in


@pytest.mark.parametrize(("secure", "email"), [(True, ANA), (False, "  ANA@Shop.test ")])
async def test_the_session_cookie_is_http_only_and_same_site(
    mongodb_url: str, database_prefix: str, tmp_path: Path, secure: bool, email: str
) -> None:
    async with running(mongodb_url, database_prefix, tmp_path, cookie_secure=secure) as side:
        await side.add_site("shop")
        await side.add_agent("shop", ANA)
        async with side.client(origin=ORIGIN) as client:
            answer = await sign_in(client, email)
            assert (answer.status_code, answer.content) == (204, b"")
            name = SESSION_COOKIE if secure else PLAIN_SESSION_COOKIE
            device = DEVICE_COOKIE if secure else PLAIN_DEVICE_COOKIE
            cookies = SimpleCookie("\n".join(answer.headers.get_list("set-cookie")))
            assert set(cookies) == {name, device}
            for cookie in cookies.values():
                assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
                assert bool(cookie["secure"]) is secure
                assert cookie["domain"] == ""
                assert len(cookie.value) == 43
            assert answer.headers["cache-control"] == "no-store"


async def test_me_is_the_signed_in_agent(side: HttpSide) -> None:
    async with side.signed_in("root@shop.test") as client:
        body = ok(await client.get("/api/v1/me"))
    assert body["agent"]
    del body["agent"]
    assert body == {
        "name": "Root",
        "email": "root@shop.test",
        "role": "administrator",
        "site": "shop",
        "departments": [],
        "photo": None,
        "language": None,
        "status": "online",
    }


async def test_only_hashes_of_secrets_are_stored(side: HttpSide) -> None:
    """Neither the cookie's secret nor a password is in the database."""
    async with side.signed_in(ANA) as client:
        secret, device = cookie_of(client), client.cookies[DEVICE_COOKIE]
    kept = [
        document
        for name in await side.database.list_collection_names()
        async for document in side.collection(name).find()
    ]
    assert secret not in str(kept)
    assert device not in str(kept)
    assert PASSWORD not in str(kept)
    session = await side.store.session(hashlib.sha256(secret.encode()).hexdigest())
    assert session is not None
    agent = await side.store.agent_by_email(ANA)
    assert agent is not None
    assert agent.password_hash.startswith("$argon2id$")


async def test_a_wrong_password_and_an_unknown_email_get_the_same_response(side: HttpSide) -> None:
    async with side.client(origin=ORIGIN) as client:
        for password in (PASSWORD + " ", PASSWORD.upper(), PASSWORD[:-1], "x", "$argon2id$", "x" * 1000):
            known = await sign_in(client, ANA, password)
            unknown = await sign_in(client, "nobody@shop.test", password)
            assert problem(known) == problem(unknown) == (401, "wrong_credentials"), password
            assert known.json() == unknown.json()
            assert known.headers.keys() == unknown.headers.keys()
        assert not client.cookies
        assert problem(await client.get("/api/v1/me")) == (401, "not_signed_in")


class Recording(PasswordHasher):
    """The library's hasher; records the hashes that it verifies."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        self.verified.append(str(hash))
        return super().verify(hash, password)


async def test_an_unknown_email_costs_the_same_work(mongodb_url: str, database_prefix: str, tmp_path: Path) -> None:
    """Also for a disabled agent: one verification each, with the same parameters."""
    hasher = Recording()
    async with running(mongodb_url, database_prefix, tmp_path, hasher=lambda: hasher) as side:
        await side.add_site("shop")
        await side.add_agent("shop", ANA)
        gone = await side.add_agent("shop", "gone@shop.test")
        await side.store.set_disabled(gone.id, disabled=True)
        async with side.client(origin=ORIGIN) as client:
            for email in (ANA, "nobody@shop.test", "gone@shop.test"):
                assert problem(await sign_in(client, email, "wrong")) == (401, "wrong_credentials")
            assert problem(await sign_in(client, "gone@shop.test")) == (401, "wrong_credentials")
    assert len(hasher.verified) == 4
    assert all(extract_parameters(kept) == extract_parameters(hasher.verified[0]) for kept in hasher.verified)


async def test_sign_ins_of_one_address_share_its_places(side: HttpSide) -> None:
    """A8: the rest is refused with a time to wait and without work, no failure is counted, and others sign in at once."""
    side.clock.stop()
    async with side.client(origin=ORIGIN) as client, side.client("203.0.113.200", origin=ORIGIN) as elsewhere:
        first = [asyncio.create_task(sign_in(client)) for _ in range(60)]
        no_content(await sign_in(elsewhere, "root@shop.test"))
        answers = await asyncio.gather(*first)
        refused = [answer for answer in answers if answer.status_code != 204]
        assert len(refused) == 60 - MAX_OF_CALLER
        assert {problem(answer) for answer in refused} == {(429, "too_fast")}
        assert all(int(answer.headers["retry-after"]) == RETRY_MS / 1000 for answer in refused)
        for _ in range(GUESSER_RULE.burst):
            assert problem(await sign_in(client, ANA, "wrong")) == (401, "wrong_credentials")


async def test_a_sign_in_renews_a_hash_of_other_parameters(side: HttpSide) -> None:
    """A7: as earlier versions made them, with four lanes. The password itself does not change."""
    agent = await side.store.agent_by_email(ANA)
    assert agent is not None
    old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=4).hash(PASSWORD)
    await side.store.update_agent(agent.site, agent.id, {"password_hash": old})
    hashes = [old]
    async with side.client(origin=ORIGIN) as client:
        for password, status in (("wrong", 401), (PASSWORD, 204), (PASSWORD, 204)):
            assert (await sign_in(client, ANA, password)).status_code == status
            agent = await side.store.agent_by_email(ANA)
            assert agent is not None
            hashes.append(agent.password_hash)
    assert extract_parameters(hashes[-1]).parallelism == 1
    assert hashes == [old, old, hashes[-1], hashes[-1]]


async def test_a_renewed_hash_does_not_undo_a_new_password(side: HttpSide) -> None:
    agent = await side.store.agent_by_email(ANA)
    assert agent is not None
    await side.store.update_agent(agent.site, agent.id, {"password_hash": "new"})
    await side.store.renew_password_hash(agent, "renewed")
    found = await side.store.agent_by_email(ANA)
    assert found is not None
    assert found.password_hash == "new"


async def test_the_list_of_agents_contains_the_own_site_only(side: HttpSide) -> None:
    """I-18."""
    gone = await side.add_agent("shop", "gone@shop.test")
    await side.store.set_disabled(gone.id, disabled=True)
    async with side.signed_in(ANA) as client:
        items = ok(await client.get("/api/v1/agents"))["items"]
    assert [(item["name"], item["role"], sorted(item)) for item in items] == [
        ("Ana", "agent", ["agent", "name", "photo", "role"]),
        ("Root", "administrator", ["agent", "name", "photo", "role"]),
    ]


async def test_an_email_address_has_one_account_across_sites(side: HttpSide) -> None:
    found = await side.store.agent_by_email(ANA)
    assert found is not None
    twin = type(found)(id="twin", site="other", email=ANA, name="Twin", role="agent", password_hash="x")
    assert await side.store.add_agent(twin) is False
    assert await side.store.agent("other", found.id) is None
