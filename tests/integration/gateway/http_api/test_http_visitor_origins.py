"""A visitor's token goes to the site's own pages only."""

import pytest

from kit.config.origin import parse_origin
from services.gateway.accounts.identity import SITE_CACHE_MS
from tests.integration.gateway.http_api.answers import no_content, problem
from tests.integration.gateway.http_api.http_side import ORIGIN, SHOP, HttpSide
from tests.integration.gateway.http_api.visitor_tokens import PATH, ask

REFUSED_ORIGINS = [
    None,
    "null",
    "",
    "https://evil.test",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example.evil.test",
    "https://www.shop.example",
    "https://shop.example/",
    "http://127.0.0.1:8080",
    ORIGIN,
]


async def test_only_the_sites_own_pages_get_a_token(side: HttpSide) -> None:
    """I-23: a missing origin is refused too. The page can read the refusal, so it does not retry."""
    for origin in REFUSED_ORIGINS:
        answer = await ask(side, origin)
        assert problem(answer) == (403, "origin_refused"), origin
        readable = origin if parse_origin(origin) is not None else None
        assert answer.headers.get("access-control-allow-origin") == readable
        assert "access-control-allow-credentials" not in answer.headers
    assert await side.collection("visitor_tokens").count_documents({}) == 0


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:3000", 200),
        ("http://localhost", 200),
        ("https://localhost:8443", 200),
        ("http://[::1]:5000", 200),
        ("http://127.0.0.1.evil.test", 403),
        ("http://localhost.evil.test", 403),
        ("null", 403),
    ],
)
async def test_a_site_may_permit_loopback_origins(side: HttpSide, origin: str, status: int) -> None:
    await side.add_site("local", origins=("loopback",))
    assert (await ask(side, origin, site="local")).status_code == status


async def test_only_the_calling_origin_may_read_the_response(side: HttpSide) -> None:
    answer = await ask(side)
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_preflight_request_is_permitted(side: HttpSide) -> None:
    async with side.client(origin=SHOP) as client:
        headers = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
        answer = await client.options(PATH, headers=headers)
        no_content(answer)
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert answer.headers["access-control-allow-methods"] == "POST"
        assert answer.headers["access-control-allow-headers"] == "content-type"
        assert "access-control-allow-credentials" not in answer.headers
        nobody = await client.options(PATH, headers={"origin": "null"})
        assert "access-control-allow-origin" not in nobody.headers
        # Other calls permit no other origin.
        assert "access-control-allow-origin" not in (await client.options("/api/v1/me")).headers


async def test_an_unknown_site_is_not_found(side: HttpSide) -> None:
    for site in ("nobody", "$ne", "../shop", "SHOP", " shop", "s" * 64):
        assert problem(await ask(side, site=site)) == (404, "not_found"), site


async def test_a_switched_off_site_refuses_its_own_pages_readably(side: HttpSide) -> None:
    """S-03: no token is stored; the site works again when it is switched on."""
    await side.add_site("shop", enabled=False)
    answer = await ask(side)
    assert problem(answer) == (403, "site_disabled")
    # An open page asks again then, so that it gets the chat back without a reload.
    assert 8 <= answer.json()["retry_after_s"] <= 20
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert problem(await ask(side, "https://evil.test")) == (403, "origin_refused")
    assert await side.identities.site_enabled("shop") is False
    assert await side.collection("visitor_tokens").count_documents({}) == 0
    await side.add_site("shop")
    side.clock.ahead_ms += SITE_CACHE_MS
    assert (await ask(side)).status_code == 200
