"""The end of a visitor's token: the holder ends it, and the site comes from it."""

import pytest

from services.gateway.accounts.identity import hash_of
from services.gateway.http.visitor_sessions import ADDRESS_RULE
from tests.integration.gateway.http_api.answers import no_content, problem
from tests.integration.gateway.http_api.http_side import SHOP, HttpSide
from tests.integration.gateway.http_api.visitor_tokens import PATH, ask

END = f"{PATH}/end"


async def test_an_ended_token_is_a_new_visitor_and_all_gateways_are_notified(side: HttpSide) -> None:
    gone, kept = (await ask(side)).json(), (await ask(side)).json()
    async with side.client(origin=SHOP) as client:
        # As the widget sends it: without a type, so without a preflight.
        answer = await client.post(END, content=f'{{"token":"{gone["token"]}"}}')
        no_content(answer)
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert side.bus.announced_visitors == [("shop", gone["visitor"])]
        assert await side.identities.visitor(gone["token"]) is None
        assert (await ask(side, token=gone["token"])).json()["visitor"] != gone["visitor"]
        assert (await ask(side, token=kept["token"])).json()["visitor"] == kept["visitor"]
        no_content(await client.post(END, json={"token": gone["token"]}))
    assert len(side.bus.announced_visitors) == 1
    assert await side.collection("visitor_tokens").count_documents({}) == 2


async def test_a_page_that_the_site_no_longer_lists_ends_a_token_too(side: HttpSide) -> None:
    token = (await ask(side)).json()["token"]
    await side.add_site("shop", enabled=False)
    async with side.client(origin="https://old.example") as client:
        no_content(await client.post(END, json={"token": token}))
    assert await side.identities.visitor(token) is None


async def test_a_token_that_ended_is_not_renewed(side: HttpSide) -> None:
    """A page view that began before."""
    body = (await ask(side)).json()
    identity = await side.identities.end_visitor(body["token"])
    assert identity is not None
    await side.store.renew_visitor_token(hash_of(body["token"]), identity.expires_at_ms + 1)
    assert await side.identities.visitor(body["token"]) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"token": null}',
        b'{"token": ""}',
        b'{"token": "%s"}' % (b"t" * 129),
        b'{"token": {"$gt": ""}}',
        b'{"token": "t", "site": "shop"}',
    ],
)
async def test_an_invalid_body_is_refused(side: HttpSide, body: bytes) -> None:
    async with side.client(origin=SHOP) as client:
        assert problem(await client.post(END, content=body)) == (400, "invalid")


async def test_guesses_of_tokens_share_the_limit_of_sessions(side: HttpSide) -> None:
    side.clock.stop()
    async with side.client(origin=SHOP) as client:
        answers = [(await client.post(END, json={"token": "x" * 43})).status_code for _ in range(ADDRESS_RULE.burst)]
        assert set(answers) == {204}
        assert problem(await client.post(END, json={"token": "x" * 43})) == (429, "too_fast")
