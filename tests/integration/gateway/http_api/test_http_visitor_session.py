"""A visitor's token: issued to the site's own pages, bound to the site, stored as a hash."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from kit.vocabulary import LANGUAGES
from services.gateway.accounts.identity import RENEW_MS, VISITOR_MS
from services.gateway.http.visitor_sessions import ADDRESS_RULE
from tests.integration.gateway.http_api.answers import problem
from tests.integration.gateway.http_api.http_side import SHOP, HttpSide, running
from tests.integration.gateway.http_api.visitor_tokens import PATH, ask


async def test_a_new_visitor_gets_a_token_of_256_bits_and_the_sites_public_settings(side: HttpSide) -> None:
    answer = await ask(side)
    assert answer.status_code == 200
    body = answer.json()
    assert sorted(body) == ["expires_at", "site", "token", "visitor"]
    assert len(body["token"]) == 43
    assert body["site"] == {
        "key": "shop",
        "name": "Site shop",
        "colours": {
            "light": {"background": "#0c6b58", "text": "#ffffff"},
            "dark": {"background": "#1b6a58", "text": "#ffffff"},
        },
        "position": "right",
        "consent": False,
        "texts": {language: {"title": "", "online": "", "offline": ""} for language in LANGUAGES},
    }
    assert body["expires_at"].endswith("Z")
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert (await ask(side)).json()["visitor"] != body["visitor"]


async def test_the_token_identifies_the_visitor_and_only_its_hash_is_stored(side: HttpSide) -> None:
    body = (await ask(side)).json()
    identity = await side.identities.visitor(body["token"])
    assert identity is not None
    assert (identity.site_key, identity.id) == ("shop", body["visitor"])
    kept = [document async for document in side.collection("visitor_tokens").find()]
    assert [document["_id"] for document in kept] == [hashlib.sha256(body["token"].encode()).hexdigest()]
    assert body["token"] not in str(kept)


async def test_an_earlier_token_keeps_the_visitor(side: HttpSide) -> None:
    """W-03: a visit extends the token by a year; the store writes this once a day."""
    first = (await ask(side)).json()
    again = (await ask(side, token=first["token"])).json()
    assert again == first
    side.clock.ahead_ms = RENEW_MS
    later = (await ask(side, token=first["token"])).json()
    assert later["visitor"] == first["visitor"]
    assert later["expires_at"] > first["expires_at"]
    side.clock.ahead_ms = VISITOR_MS + RENEW_MS // 2
    assert await side.identities.visitor(later["token"]) is not None
    assert (await ask(side, token=first["token"])).json()["visitor"] == first["visitor"]


async def test_an_expired_token_is_a_new_visitor(side: HttpSide) -> None:
    first = (await ask(side)).json()
    side.clock.ahead_ms = VISITOR_MS
    assert await side.identities.visitor(first["token"]) is None
    assert (await ask(side, token=first["token"])).json()["visitor"] != first["visitor"]


@pytest.mark.parametrize(
    "change", [str.swapcase, lambda token: token[:-1], lambda token: token[::-1], lambda token: token + "a"]
)
async def test_a_tampered_token_is_a_new_visitor(side: HttpSide, change: Any) -> None:
    """I-18."""
    first = (await ask(side)).json()
    tampered = change(first["token"])
    assert await side.identities.visitor(tampered) is None
    answer = (await ask(side, token=tampered)).json()
    assert answer["visitor"] != first["visitor"]
    assert answer["token"] != tampered


async def test_a_token_of_another_site_is_a_new_visitor(side: HttpSide) -> None:
    """I-18: the first token stays valid."""
    first = (await ask(side)).json()
    other = (await ask(side, site="other", token=first["token"])).json()
    assert other["visitor"] != first["visitor"]
    assert other["token"] != first["token"]
    kept = await side.identities.visitor(first["token"])
    assert kept is not None
    assert kept.site_key == "shop"


async def test_the_stored_hash_is_no_token(side: HttpSide) -> None:
    body = (await ask(side)).json()
    hashed = hashlib.sha256(body["token"].encode()).hexdigest()
    assert await side.identities.visitor(hashed) is None


async def test_with_consent_nothing_is_stored_before_the_visitor_agrees(side: HttpSide) -> None:
    """W-08: before consent the response has settings but no token; after it, the token works without consent."""
    await side.add_site("shop", consent=True)
    body = (await ask(side)).json()
    assert (body["token"], body["visitor"], body["expires_at"]) == (None, None, None)
    assert body["site"]["consent"] is True
    assert (await ask(side, token="x" * 43)).json()["token"] is None
    assert await side.collection("visitor_tokens").count_documents({}) == 0
    agreed = (await ask(side, consent=True)).json()
    assert len(agreed["token"]) == 43
    assert (await ask(side, token=agreed["token"])).json()["visitor"] == agreed["visitor"]
    elsewhere = (await ask(side, site="other")).json()["token"]
    assert (await ask(side, token=elsewhere)).json()["token"] is None


async def test_a_signed_identity_is_refused_where_it_cannot_be_checked(side: HttpSide) -> None:
    answer = await ask(side, identity="eyJhbGciOiJub25lIn0.e30.")
    assert problem(answer) == (400, "invalid")
    assert "identity" in answer.json()["detail"]


WRONG_BODIES = [
    b"",
    b"[]",
    b"null",
    b"{}",
    b'{"site": 1}',
    b'{"site": {"$ne": null}}',
    b'{"site": ""}',
    b'{"site": "shop", "token": {"$gt": ""}}',
    b'{"site": "shop", "token": 1}',
    b'{"site": "shop", "visitor": "mine"}',
    b'{"site": "shop\\u0000"}',
    b'{"site": "\\ud800"}',
    b'{"site": "%s"}' % (b"s" * 65),
    b'{"site": "shop", "token": "%s"}' % (b"t" * 200),
    b"\xff",
]


async def test_an_invalid_body_is_refused_with_a_sentence(side: HttpSide) -> None:
    async with side.client(origin=SHOP) as client:
        for body in WRONG_BODIES:
            answer = await client.post(PATH, content=body)
            assert problem(answer) == (400, "invalid"), body
            assert answer.json()["detail"].endswith("."), body
            assert answer.headers["access-control-allow-origin"] == SHOP


async def test_one_address_that_floods_gets_the_time_to_wait(side: HttpSide) -> None:
    """I-26: the page can read the refusal; other addresses are not throttled."""
    side.clock.stop()
    answers = [(await ask(side)).status_code for _ in range(ADDRESS_RULE.burst)]
    assert set(answers) == {200}
    answer = await ask(side)
    assert problem(answer) == (429, "too_fast")
    assert int(answer.headers["retry-after"]) == answer.json()["retry_after_s"] > 0
    assert answer.headers["access-control-allow-origin"] == SHOP
    async with side.client("203.0.113.77", origin=SHOP) as neighbour:
        assert (await neighbour.post(PATH, json={"site": "shop"})).status_code == 200


async def test_behind_a_trusted_proxy_each_client_is_throttled_separately(
    mongodb_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """I-24: the address comes from the trusted proxy, never from the client's own header."""
    async with running(mongodb_url, database_prefix, tmp_path, trusted_proxies=("10.0.0.0/8",)) as side:
        await side.add_site("shop")
        side.clock.stop()

        async def through(forwarded: str) -> int:
            async with side.client("10.0.0.1", origin=SHOP) as client:
                answer = await client.post(PATH, json={"site": "shop"}, headers={"x-forwarded-for": forwarded})
                return answer.status_code

        for number in range(ADDRESS_RULE.burst):
            await through(f"192.0.2.{number}, 198.51.100.1")
        assert await through("203.0.113.1, 198.51.100.1") == 429
        assert await through("198.51.100.2") == 200
