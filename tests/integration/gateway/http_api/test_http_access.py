"""Access rules of the whole HTTP API: session, page, role, site. Every call of the OpenAPI document is covered."""

import re

import httpx

from services.gateway.accounts.identity import SESSION_COOKIE
from services.gateway.http.api_calls import CALLS, Call
from tests.integration.gateway.http_api.answers import ok, problem, shown
from tests.integration.gateway.http_api.http_side import ANA, ORIGIN, SHOP, HttpSide, cookie_of
from tests.integration.gateway.http_api.talks import say, visit
from tests.support.json_object import JsonObject

ROOT = "root@shop.test"
BOSS = "boss@other.test"
PNG = b"\x89PNG\r\n\x1a\n"
# A valid body for every call that takes one.
BODIES: dict[tuple[str, str], JsonObject] = {
    ("POST", "/api/v1/setup"): {
        "code": "0000",
        "site": "Mine",
        "origin": "https://mine.example",
        "name": "Me",
        "email": "me@mine.test",
        "password": "a new horse battery",
    },
    ("POST", "/api/v1/session"): {"email": "a@shop.test", "password": "x"},
    ("POST", "/api/v1/visitor/session"): {"site": "shop"},
    ("POST", "/api/v1/visitor/session/end"): {"token": "x" * 43},
    ("PATCH", "/api/v1/me"): {"language": "es"},
    ("POST", "/api/v1/me/password"): {"current": "wrong", "new": "a new horse battery"},
    ("POST", "/api/v1/me/proof"): {"password": "wrong"},
    ("POST", "/api/v1/agents"): {"email": "new@shop.test", "name": "New"},
    ("PATCH", "/api/v1/agents/{id}"): {"role": "agent"},
    ("POST", "/api/v1/invitation"): {"token": "x"},
    ("POST", "/api/v1/invitation/password"): {"token": "x", "password": "a new horse battery"},
    ("PATCH", "/api/v1/site"): {"version": 0, "name": "New"},
    ("PATCH", "/api/v1/site/first-steps"): {"dismissed": True},
    ("PATCH", "/api/v1/visitors/{id}"): {"version": 1, "name": "New"},
    ("POST", "/api/v1/visitors/{id}/notes"): {"client_id": "1", "text": "New"},
    ("PATCH", "/api/v1/visitors/{id}/notes/{note}"): {"version": 1, "text": "New"},
    ("PATCH", "/api/v1/chats/{id}"): {"flagged": True},
    ("PATCH", "/api/v1/tickets/{id}"): {"version": 1, "status": "solved"},
    ("POST", "/api/v1/tickets/{id}/comments"): {"client_id": "1", "text": "New"},
}
ADMINISTRATOR_ONLY = {
    ("POST", "/api/v1/agents"),
    ("PATCH", "/api/v1/agents/{id}"),
    ("POST", "/api/v1/agents/{id}/invitation"),
    ("PATCH", "/api/v1/site"),
    ("GET", "/api/v1/site/first-steps"),
    ("PATCH", "/api/v1/site/first-steps"),
    ("GET", "/api/v1/mail"),
    ("POST", "/api/v1/mail/test"),
}


async def send(client: httpx.AsyncClient, call: Call, record_id: str = "0" * 32, **headers: str) -> httpx.Response:
    """The call with a valid body."""
    path = call.path.replace("{id}", record_id).replace("{note}", "1")
    if call.takes[0].startswith("image/"):
        return await client.request(call.method, path, content=PNG, headers={"content-type": "image/png", **headers})
    return await client.request(call.method, path, json=BODIES.get((call.method, call.path)), headers=headers)


def test_every_call_with_a_body_has_an_example() -> None:
    assert {(call.method, call.path) for call in CALLS if call.body is not None} == set(BODIES)


async def test_every_call_but_the_public_ones_needs_a_session(side: HttpSide) -> None:
    """A visitor's token in the cookie is no session either."""
    async with side.client(origin=SHOP) as page:
        token = ok(await page.post("/api/v1/visitor/session", json={"site": "shop"}))["token"]
    for cookie in ("", f"{SESSION_COOKIE}={token}"):
        async with side.client(origin=ORIGIN, cookie=cookie) as client:
            for call in CALLS:
                response = await send(client, call)
                refused = response.status_code == 401 and response.json()["code"] == "not_signed_in"
                assert refused is not call.open, shown(response)


async def test_every_change_with_the_session_cookie_needs_our_own_page(side: HttpSide) -> None:
    async with side.signed_in(ROOT) as browser:
        cookie = f"{SESSION_COOKIE}={cookie_of(browser)}"
    changes = [call for call in CALLS if call.method != "GET" and not call.path.startswith("/api/v1/visitor/session")]
    async with side.client(origin=SHOP, cookie=cookie) as client:
        for call in changes:
            response = await send(client, call)
            assert problem(response) == (403, "origin_refused"), shown(response)


async def test_administrators_only_calls_refuse_agents_and_no_other_call_does(side: HttpSide) -> None:
    """S-04"""
    ana = await side.store.agent_by_email(ANA)
    assert ana is not None
    async with side.signed_in(ANA) as client:
        for call in CALLS:
            # These end the session that the next calls need.
            if call.path == "/api/v1/session" or (call.method, call.path) == ("DELETE", "/api/v1/me/sessions"):
                continue
            response = await send(client, call, ana.id)
            is_forbidden = response.status_code == 403 and response.json()["code"] == "forbidden"
            assert is_forbidden is ((call.method, call.path) in ADMINISTRATOR_ONLY), shown(response)
        assert problem(await client.get("/api/v1/agents", params={"all": True})) == (403, "forbidden")


async def test_every_call_with_an_id_finds_only_the_own_sites_records(whole: HttpSide) -> None:
    """I-18: another site's administrator gets the response for an id that does not exist."""
    await whole.add_agent("other", BOSS, "administrator")
    visitor_id = await visit(whole)
    conversation_id = await say(whole, ["Hello?"], visitor=visitor_id)
    async with whole.signed_in(ANA) as ana, whole.signed_in(BOSS) as boss:
        ids = {
            "agents": ok(await ana.get("/api/v1/me"))["agent"],
            "visitors": visitor_id,
            "chats": conversation_id,
            "tickets": ok(await ana.post(f"/api/v1/chats/{conversation_id}/ticket"), 201)["id"],
        }
        noted = ok(await ana.post(f"/api/v1/visitors/{visitor_id}/notes", json={"client_id": "1", "text": "Ours"}))
        for call in CALLS:
            kind = re.match(r"/api/v1/(\w+)/{id}", call.path)
            if kind is None or kind[1] == "photos":  # photos are public
                continue
            foreign = await send(boss, call, ids[kind[1]])
            missing = await send(boss, call, "0" * 32)
            assert problem(foreign) == problem(missing) == (404, "not_found"), shown(foreign)
            assert foreign.json() == missing.json()
        assert ok(await ana.get(f"/api/v1/visitors/{visitor_id}")) == noted


async def test_a_note_is_edited_by_its_author_and_by_administrators(whole: HttpSide) -> None:
    """S-27"""
    await whole.add_agent("shop", "bea@shop.test")
    path = f"/api/v1/visitors/{await visit(whole)}/notes"
    async with whole.signed_in(ANA) as ana:
        ok(await ana.post(path, json={"client_id": "1", "text": "Called."}))
    async with whole.signed_in("bea@shop.test") as bea:
        assert problem(await bea.patch(f"{path}/1", json={"version": 1, "text": "X"})) == (403, "forbidden")
    async with whole.signed_in(ROOT) as root:
        (note,) = ok(await root.patch(f"{path}/1", json={"version": 1, "text": "Called twice."}))["notes"]
    assert (note["text"], note["edited"]["by"]["name"]) == ("Called twice.", "Root")
