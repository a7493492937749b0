"""Search, exports, comments and links over HTTP on the real services, and the separation of sites (S-12, S-51, S-52)."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from services.chat.main import Tuning
from tests.integration.gateway.http_api.answers import ok, problem
from tests.integration.gateway.http_api.conftest import people
from tests.integration.gateway.http_api.http_side import ANA, HttpSide, running
from tests.integration.gateway.http_api.services_behind import services_behind
from tests.integration.gateway.http_api.talks import close, note, say, take, visit
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow

OTHER = "ana@other.test"


def finding(client: httpx.AsyncClient, **params: str) -> Callable[[], Awaitable[list[str]]]:
    """The ids of the chats that a search returns."""

    async def found() -> list[str]:
        answer = ok(await client.get("/api/v1/chats", params=params))
        return [item["conversation"] for item in answer["items"]]

    return found


async def named(client: httpx.AsyncClient, visitor: str, **edit: str) -> None:
    version = ok(await client.get(f"/api/v1/visitors/{visitor}"))["version"]
    ok(await client.patch(f"/api/v1/visitors/{visitor}", json={"version": version, **edit}))


async def test_chats_are_found_by_text_person_and_country(whole: HttpSide) -> None:
    """S-12."""
    vera, bob = await visit(whole), await visit(whole)
    teapot = await say(whole, ["¿Una devolución?", "My teapot drips"], visitor=vera)
    kettle = await say(whole, ["A kettle"], visitor=bob)
    for one in (teapot, kettle):
        await close(whole, one)
    async with whole.signed_in(ANA) as ana, whole.signed_in(OTHER) as other:
        await named(ana, vera, name="Íñigo Pérez", email="inigo@example.test")
        assert await eventually(finding(ana, text="DEVOLUCION teapot")) == [teapot]
        assert await finding(ana, text="devolucion kettle")() == []
        for person in ("inigo", "Pérez", "inigo@example.test", vera, f" {vera} "):
            assert await finding(ana, person=person)() == [teapot], person
        assert await finding(ana, person="nobody")() == []
        assert await finding(ana, person="inigo", text="kettle")() == []
        assert await finding(ana, country="ES")() == [kettle, teapot]
        assert await finding(ana, country="FR")() == []
        for params in ({"text": "teapot"}, {"person": "inigo"}, {"person": vera}, {"country": "ES"}):
            assert await finding(other, **params)() == [], "another site's (I-18)"
        for bad in ("country=es", "country[$ne]=x", "text=" + "x" * 201, "text=%E2%80%A6", "text=%00", "person=%00"):
            assert problem(await ana.get(f"/api/v1/chats?{bad}")) == (400, "invalid"), bad


async def test_a_search_shows_where_it_matches(whole: HttpSide) -> None:
    """An excerpt is a list of parts, so that no client needs offsets or markup."""
    text = "<b>José</b> pide el reembolso"
    conversation = await say(whole, ["Hola", text])
    async with whole.signed_in(ANA) as ana, whole.signed_in(OTHER) as other:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        await take(whole, conversation, me)
        await note(whole, conversation, me, "Jose is a regular.")
        await close(whole, conversation)
        await eventually(finding(ana, text="jose"))
        (item,) = ok(await ana.get("/api/v1/chats", params={"text": "jose reembolso"}))["items"]
        assert item["hit"]["seq"] == 3
        assert item["hit"]["kind"] == "message"
        assert item["hit"]["author"]["name"] == item["visitor"]["name"]
        assert [(part["text"], part["marked"]) for part in item["hit"]["excerpt"]] == [
            ("<b>", False),
            ("José", True),
            ("</b> pide el ", False),
            ("reembolso", True),
        ]
        (item,) = ok(await ana.get("/api/v1/chats", params={"text": "regular"}))["items"]
        assert (item["hit"]["kind"], item["hit"]["author"]["id"]) == ("note", me)
        (item,) = ok(await ana.get("/api/v1/chats"))["items"]
        assert "hit" not in item
        assert ok(await other.get("/api/v1/chats", params={"text": "jose"}))["items"] == [], "another site's (I-18)"


@pytest.fixture
async def small_steps(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[HttpSide]:
    """As `whole`, with a search step of chat that reads two conversations."""
    tuning = Tuning(max_searched=2)
    async with (
        services_behind(mongodb_url, vhost_url, database_prefix, tmp_path, tuning) as addresses,
        running(mongodb_url, database_prefix, tmp_path, addresses=addresses) as found,
    ):
        await people(found)
        yield found


async def test_a_search_that_stops_at_its_bound_is_marked_capped(small_steps: HttpSide) -> None:
    made = [await say(small_steps, ["Haystack pin" if number == 0 else "Haystack"]) for number in range(5)]
    for conversation in made:
        await close(small_steps, conversation)
    async with small_steps.signed_in(ANA) as ana:

        async def search(text: str) -> tuple[list[str], bool]:
            """Ids of all pages, and true if a page was capped."""
            params, found, capped = {"text": text, "limit": "2"}, list[str](), False
            while True:
                answer = ok(await ana.get("/api/v1/chats", params=params))
                found += [item["conversation"] for item in answer["items"]]
                capped = capped or answer.get("capped", False)
                if not answer["next"]:
                    return found, capped
                params["cursor"] = answer["next"]

        async def all_indexed() -> bool:
            return len((await search("haystack"))[0]) == len(made)

        await eventually(all_indexed)
        assert await search("haystack pin") == ([made[0]], True)


async def test_tickets_are_filtered_and_have_a_history(whole: HttpSide) -> None:
    """S-51."""
    first, second = [await say(whole, ["Hello?"]) for _ in range(2)]
    async with whole.signed_in(ANA) as ana:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        ticket = ok(await ana.post(f"/api/v1/chats/{first}/ticket"), 201)
        ok(await ana.post(f"/api/v1/chats/{second}/ticket"), 201)
        assert ticket["history"] == []
        edit = {"version": 1, "assignee": None, "priority": "high", "subject": "Teapot drips"}
        changed = ok(await ana.patch(f"/api/v1/tickets/{ticket['id']}", json=edit))
        by = {"kind": "agent", "id": me, "name": "Ana"}
        assert {change["field"]: (change["before"], change["after"]) for change in changed["history"]} == {
            "subject": ("Chat with Visitor 4F2A", "Teapot drips"),
            "priority": ("normal", "high"),
            "assignee": (me, ""),
        }
        assert all(change["by"] == by and change["at"].endswith("Z") for change in changed["history"])

        async def numbers(**params: str) -> list[int]:
            return [item["number"] for item in (ok(await ana.get("/api/v1/tickets", params=params)))["items"]]

        assert await numbers(assignee=me) == [2]
        assert await numbers(assignee="none") == [1]
        assert await numbers(priority="high", text="teapot", status="open") == [1]
        assert await numbers(text="#2") == [2]
        for bad in ("priority=x", "assignee=%00", "text=%E2%80%A6", "text=" + "x" * 201, "assignee[$ne]=x"):
            assert problem(await ana.get(f"/api/v1/tickets?{bad}")) == (400, "invalid"), bad


async def test_a_comment_is_added_once_and_listed_newest_first(whole: HttpSide) -> None:
    """S-51, I-2."""
    conversation = await say(whole, ["Hello?"])
    async with whole.signed_in(ANA) as ana, whole.signed_in(OTHER) as other:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        ticket = (ok(await ana.post(f"/api/v1/chats/{conversation}/ticket"), 201))["id"]
        path = f"/api/v1/tickets/{ticket}/comments"
        body = {"client_id": str(uuid.uuid4()), "text": "Called.\nTwice."}
        made = ok(await ana.post(path, json=body), 201)
        assert ok(await ana.post(path, json=body)) == made
        assert made["author"] == {"kind": "agent", "id": me, "name": "Ana"}
        assert (made["text"], made["at"][-1]) == ("Called.\nTwice.", "Z")
        newer = ok(await ana.post(path, json={"client_id": "2", "text": "Mailed."}), 201)
        assert ok(await ana.get(path)) == {"items": [newer, made], "next": None}
        page = ok(await ana.get(path, params={"limit": 1}))
        assert page["items"] == [newer]
        assert (ok(await ana.get(path, params={"cursor": page["next"]})))["items"] == [made]

        for client, where in ((other, path), (ana, f"/api/v1/tickets/{'0' * 32}/comments")):
            assert problem(await client.get(where)) == (404, "not_found")
            assert problem(await client.post(where, json=body)) == (404, "not_found")
        assert problem(await other.get(f"/api/v1/chats/{conversation}/export")) == (404, "not_found")
        bad: list[JsonObject] = [
            {},
            {"client_id": "3", "text": ""},
            {"client_id": "3", "text": " "},
            {"client_id": "3", "text": "x" * 4001},
            {"client_id": "3", "text": "\0"},
            {"client_id": "3", "text": {"$ne": 1}},
            {"client_id": "3", "text": "x", "author": "me"},
        ]
        for wrong in bad:
            assert problem(await ana.post(path, json=wrong)) == (400, "invalid"), wrong


async def test_files_and_comments_need_a_session(whole: HttpSide) -> None:
    async with whole.client() as signed_out:
        for call in (
            signed_out.get("/api/v1/chats/1/export"),
            signed_out.get("/api/v1/tickets/1/comments"),
            signed_out.post("/api/v1/tickets/1/comments", json={"client_id": "1", "text": "x"}),
        ):
            assert problem(await call) == (401, "not_signed_in")
