"""Visitors, chat logs and tickets over HTTP on the real services, and the separation of sites."""

import uuid

import httpx

from tests.integration.gateway.http_api.answers import ok, problem
from tests.integration.gateway.http_api.http_side import ANA, HttpSide
from tests.integration.gateway.http_api.talks import choose_status, say, visit
from tests.support.json_object import JsonObject

OTHER = "ana@other.test"


def check_profile(shown: JsonObject, visitor: str) -> None:
    """That of a visitor on their second page, without edits."""
    assert shown["visitor"] == visitor
    assert shown["named"] is False
    assert shown["name"]
    assert (shown["email"], shown["phone"], shown["bio"], shown["notes"]) == (None, None, "", [])
    assert (shown["visits"], shown["chats"], shown["online"], shown["state"]) == (1, 0, True, "browsing")
    assert shown["location"] == {"ip": "217.12.24.33", "country": "ES", "region": "Spain"}
    assert shown["computer"] == {
        "user_agent": "Mozilla/5.0",
        "browser": "Firefox",
        "os": "Windows",
        "device": "Desktop",
    }
    assert shown["page"] == {"url": "https://shop.example/cart", "title": "Cart"}
    assert [page["title"] for page in shown["pages"]] == ["Cart", "Teapot"]
    assert [page["referrer"] for page in shown["pages"]] == [None, "https://search.example"]
    assert shown["first_seen"].endswith("Z")
    assert shown["since"].endswith("Z")


async def write_and_edit_note(ana: httpx.AsyncClient, path: str, me: str) -> JsonObject:
    """Returns the profile with the note."""
    client_id = str(uuid.uuid4())
    first = ok(await ana.post(f"{path}/notes", json={"client_id": client_id, "text": "Called."}))
    noted = ok(await ana.post(f"{path}/notes", json={"client_id": client_id, "text": "Called."}))
    assert noted == first
    (written,) = noted["notes"]
    assert (written["text"], written["author"]) == ("Called.", {"kind": "agent", "id": me, "name": "Ana"})
    assert written["at"].endswith("Z")

    assert (written["version"], written["edited"]) == (1, None)

    one = f"{path}/notes/{written['id']}"
    again: JsonObject = ok(await ana.patch(one, json={"version": 1, "text": "Called twice."}))
    (rewritten,) = again["notes"]
    assert rewritten == {**written, "text": "Called twice.", "version": 2, "edited": rewritten["edited"]}
    assert rewritten["edited"]["by"] == {"kind": "agent", "id": me, "name": "Ana"}
    assert rewritten["edited"]["at"] >= written["at"]
    late = await ana.patch(one, json={"version": 1, "text": "Called once."})
    assert problem(late) == (409, "conflict")
    assert late.json()["current"] == again
    assert problem(await ana.patch(f"{path}/notes/none", json={"version": 1, "text": "X"})) == (404, "not_found")
    return again


async def test_a_visitor_is_read_edited_and_annotated(whole: HttpSide) -> None:
    """S-18, S-24 … S-29, S-59: a change of an old version gets a conflict with the current state."""
    visitor = await visit(whole)
    path = f"/api/v1/visitors/{visitor}"
    async with whole.signed_in(ANA) as ana:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        shown = ok(await ana.get(path))
        check_profile(shown, visitor)

        edit = {
            "version": shown["version"],
            "name": "Berta",
            "email": "berta@example.test",
            "phone": "+34 600",
            "bio": "Likes tea.",
        }
        edited = ok(await ana.patch(path, json=edit))
        assert {**edited, **edit} == {**edited, "version": shown["version"]}
        assert edited["named"] is True
        assert edited["version"] > shown["version"]

        late = await ana.patch(path, json={"version": shown["version"], "name": "Carla"})
        assert problem(late) == (409, "conflict")
        assert late.json()["current"] == ok(await ana.get(path))

        again = await write_and_edit_note(ana, path, me)
        erased = ok(await ana.patch(path, json={"version": again["version"], "email": None, "name": None}))
        assert (erased["email"], erased["named"], erased["phone"]) == (None, False, "+34 600")


async def asked(client: httpx.AsyncClient, visitor: str, conversation: str, ticket: str) -> list[httpx.Response]:
    return [
        await client.get(f"/api/v1/visitors/{visitor}"),
        await client.patch(f"/api/v1/visitors/{visitor}", json={"version": 1, "name": "Mine"}),
        await client.post(f"/api/v1/visitors/{visitor}/notes", json={"client_id": "n-1", "text": "Mine"}),
        await client.get(f"/api/v1/chats/{conversation}/log"),
        await client.patch(f"/api/v1/chats/{conversation}", json={"flagged": True}),
        await client.post(f"/api/v1/chats/{conversation}/ticket", json={}),
        await client.get(f"/api/v1/tickets/{ticket}"),
        await client.patch(f"/api/v1/tickets/{ticket}", json={"version": 1, "status": "solved"}),
    ]


async def test_another_sites_records_are_not_found_and_not_changed(whole: HttpSide) -> None:
    """I-18: on every route the response is the one for an id that does not exist, byte for byte."""
    visitor = await visit(whole)
    conversation = await say(whole, ["Hello?"], visitor=visitor)
    async with whole.signed_in(ANA) as ana, whole.signed_in(OTHER) as other:
        ticket = (ok(await ana.post(f"/api/v1/chats/{conversation}/ticket"), 201))["id"]
        foreigner = ok(await other.get("/api/v1/me"))["agent"]
        foreign = await asked(other, visitor, conversation, ticket)
        missing = await asked(other, "0" * 32, "1" * 32, "2" * 32)
        strange = await asked(other, "$ne", "..%2f..", "%00")
        for mine, none, odd in zip(foreign, missing, strange, strict=True):
            assert problem(mine) == problem(none) == problem(odd) == (404, "not_found"), mine.request.url
            assert mine.json() == none.json()

        for path in (
            "/api/v1/chats?status=waiting",
            f"/api/v1/chats?status=waiting&visitor={visitor}",
            "/api/v1/tickets",
        ):
            assert (ok(await other.get(path)))["items"] == []
        assigned = await ana.patch(f"/api/v1/tickets/{ticket}", json={"version": 1, "assignee": foreigner})
        nobody = await ana.patch(f"/api/v1/tickets/{ticket}", json={"version": 1, "assignee": "0" * 32})
        assert problem(assigned) == problem(nobody) == (400, "invalid")
        assert assigned.json() == nobody.json()

        unharmed = ok(await ana.get(f"/api/v1/visitors/{visitor}"))
        assert (unharmed["named"], unharmed["notes"]) == (False, [])
        log = ok(await ana.get(f"/api/v1/chats/{conversation}/log"))
        assert log["flagged"] is False
        assert (ok(await ana.get(f"/api/v1/tickets/{ticket}")))["status"] == "open"


async def test_me_contains_the_chosen_status(whole: HttpSide) -> None:
    async with whole.signed_in(ANA) as ana:
        me = ok(await ana.get("/api/v1/me"))
        assert me["status"] == "online"
        await choose_status(whole, me["agent"], "away")
        assert ok(await ana.get("/api/v1/me"))["status"] == "away"


async def test_every_call_needs_a_session(whole: HttpSide) -> None:
    visitor = await visit(whole)
    async with whole.client() as signed_out:
        calls = [
            signed_out.get("/api/v1/me"),
            signed_out.get("/api/v1/agents"),
            signed_out.get(f"/api/v1/visitors/{visitor}"),
            signed_out.patch(f"/api/v1/visitors/{visitor}", json={"version": 1}),
            signed_out.post(f"/api/v1/visitors/{visitor}/notes", json={"client_id": "1", "text": "x"}),
            signed_out.get("/api/v1/chats"),
            signed_out.get("/api/v1/chats/1/log"),
            signed_out.patch("/api/v1/chats/1", json={"flagged": True}),
            signed_out.post("/api/v1/chats/1/ticket"),
            signed_out.get("/api/v1/tickets"),
            signed_out.get("/api/v1/tickets/1"),
            signed_out.patch("/api/v1/tickets/1", json={"version": 1}),
        ]
        for call in calls:
            assert problem(await call) == (401, "not_signed_in")


async def test_without_services_calls_return_503_and_me_works(side: HttpSide) -> None:
    """Without presence, chat and tickets: 503 with a code; `me` responds with the default status."""
    async with side.signed_in(ANA) as ana:
        for path in ("visitors/1", "chats", "chats/1/log", "tickets", "tickets/1"):
            answer = await ana.get(f"/api/v1/{path}")
            status, code = problem(answer)
            assert (status, code) in {(503, "retry"), (503, "unavailable")}
        assert ok(await ana.get("/api/v1/me"))["status"] == "online"
