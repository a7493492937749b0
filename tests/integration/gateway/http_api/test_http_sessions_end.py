"""A session ends at sign-out, at its expiry and with its agent, and a made-up cookie is none."""

import hashlib
from http.cookies import SimpleCookie

import pytest
from prometheus_client import CollectorRegistry

from kit.codes import Code, Refused
from kit.ids import new_id
from kit.mongo import connect
from services.gateway.accounts.identity import (
    SESSION_COOKIE,
    SESSION_MS,
    Identities,
)
from services.gateway.accounts.store import GatewayStore
from tests.integration.gateway.http_api.answers import no_content, ok, problem
from tests.integration.gateway.http_api.http_side import ANA, HttpSide, cookie_of


async def test_sign_out_ends_the_session_and_announces_it(side: HttpSide) -> None:
    """I-21: a copy of the cookie stops working, and the other gateways get the announcement."""
    async with side.signed_in(ANA) as client, side.signed_in(ANA) as elsewhere:
        secret = cookie_of(client)
        agent = await side.identities.agent(secret)
        assert agent is not None
        answer = await client.delete("/api/v1/session")
        no_content(answer)
        assert SimpleCookie(answer.headers["set-cookie"])[SESSION_COOKIE]["max-age"] == "0"
        assert SESSION_COOKIE not in client.cookies
        assert side.bus.announced == [("shop", agent.id, agent.session_id)]
        assert secret not in str(side.bus.announced)
        assert await side.identities.agent(secret) is None
        assert (await elsewhere.get("/api/v1/me")).status_code == 200
        no_content(await client.delete("/api/v1/session"))
        assert len(side.bus.announced) == 1


STRANGE_COOKIES = ["", "x", "0" * 43, "0" * 64, "../../../etc", '"; $ne', "\xe1" * 43, "x" * 4000]


async def test_a_made_up_cookie_is_not_signed_in(side: HttpSide) -> None:
    async with side.client() as client:
        for cookie in STRANGE_COOKIES:
            header = f"{SESSION_COOKIE}={cookie}".encode("latin-1")
            answer = await client.get("/api/v1/me", headers={b"cookie": header})
            assert problem(answer) == (401, "not_signed_in"), cookie


async def test_a_tampered_cookie_is_not_signed_in(side: HttpSide) -> None:
    """The stored id of the session does not work either."""
    async with side.signed_in(ANA) as client:
        secret = cookie_of(client)
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    for tampered in (secret[::-1], secret[:-1], secret + "a", secret.swapcase(), hashed, hashed[:43]):
        assert await side.identities.agent(tampered) is None
    assert await side.identities.agent(secret) is not None


async def test_a_session_ends_at_its_expiry_and_when_the_agent_is_disabled(side: HttpSide) -> None:
    async with side.signed_in(ANA) as client:
        agent = ok(await client.get("/api/v1/me"))["agent"]
        await side.store.set_disabled(agent, disabled=True)
        assert problem(await client.get("/api/v1/me")) == (401, "not_signed_in")
        await side.store.set_disabled(agent, disabled=False)
        assert (await client.get("/api/v1/me")).status_code == 200
        side.clock.ahead_ms = SESSION_MS
        assert problem(await client.get("/api/v1/me")) == (401, "not_signed_in")


async def test_without_the_database_the_session_check_is_refused_for_a_retry(
    side: HttpSide, database_prefix: str
) -> None:
    """A client that gets 401 drops its session; one that gets 503 retries."""
    async with side.signed_in(ANA) as client:
        secret = cookie_of(client)
    away = connect("mongodb://127.0.0.1:1", app="test", registry=CollectorRegistry())
    identities = Identities(GatewayStore(away[database_prefix]), clock=side.clock, new_id=new_id)
    with pytest.raises(Refused) as refused:
        await identities.agent(secret)
    assert refused.value.code is Code.RETRY
    assert refused.value.retry_ms
    away.close()
