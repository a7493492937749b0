"""Visitors, chat logs and tickets over HTTP on the real services, and the separation of sites."""

import uuid
from typing import Any

import httpx

from kit.ids import visitor_label
from kit.times import rfc3339
from tests.integration.gateway.http_api.http_side import ANA, HttpSide, ok, problem
from tests.integration.gateway.http_api.talks import choose_status, close, note, say, take, visit
from tests.support.eventually import eventually

OTHER = "ana@other.test"


async def test_a_visitor_is_read_edited_and_annotated(whole: HttpSide) -> None:
    """S-18, S-24 … S-29, S-59: a change of an old version gets a conflict with the current state."""
    visitor = await visit(whole)
    path = f"/api/v1/visitors/{visitor}"
    async with whole.signed_in(ANA) as ana:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        shown = ok(await ana.get(path))
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

        client_id = str(uuid.uuid4())
        first = ok(await ana.post(f"{path}/notes", json={"client_id": client_id, "text": "Called."}))
        noted = ok(await ana.post(f"{path}/notes", json={"client_id": client_id, "text": "Called."}))
        assert noted == first
        (written,) = noted["notes"]
        assert (written["text"], written["author"]) == ("Called.", {"kind": "agent", "id": me, "name": "Ana"})
        assert written["at"].endswith("Z")

        assert (written["version"], written["edited"]) == (1, None)

        one = f"{path}/notes/{written['id']}"
        again = ok(await ana.patch(one, json={"version": 1, "text": "Called twice."}))
        (rewritten,) = again["notes"]
        assert rewritten == {**written, "text": "Called twice.", "version": 2, "edited": rewritten["edited"]}
        assert rewritten["edited"]["by"] == {"kind": "agent", "id": me, "name": "Ana"}
        assert rewritten["edited"]["at"] >= written["at"]
        late = await ana.patch(one, json={"version": 1, "text": "Called once."})
        assert problem(late) == (409, "conflict")
        assert late.json()["current"] == again
        assert problem(await ana.patch(f"{path}/notes/none", json={"version": 1, "text": "X"})) == (404, "not_found")

        erased = ok(await ana.patch(path, json={"version": again["version"], "email": None, "name": None}))
        assert (erased["email"], erased["named"], erased["phone"]) == (None, False, "+34 600")


async def test_a_chat_is_listed_read_and_flagged(whole: HttpSide) -> None:
    """S-12, S-52: start, duration, the whole log with its notes; the list has open chats only on request."""
    visitor = await visit(whole)
    conversation = await say(whole, ["Hello?", "Anybody?"], visitor=visitor)
    async with whole.signed_in(ANA) as ana:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        await take(whole, conversation, me)
        await note(whole, conversation, me, "Patient.")
        assert ok(await ana.get("/api/v1/chats", params={"visitor": visitor})) == {"items": [], "next": None}
        (active,) = (ok(await ana.get("/api/v1/chats", params={"status": "active"})))["items"]
        assert (active["status"], active["ended_at"], active["duration_s"]) == ("active", None, None)
        await close(whole, conversation)

        async def closed() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = (ok(await ana.get("/api/v1/chats")))["items"]
            return items

        (item,) = await eventually(closed)
        expected = {
            "conversation": conversation,
            "status": "closed",
            "visitor": {"id": visitor, "name": visitor_label(visitor), "region": "Spain", "country": "ES"},
            "agents": [{"id": me, "name": "Ana"}],
            "started_by": "visitor",
            "messages": 2,
            "flagged": False,
        }
        assert item == item | expected
        assert sorted(item.keys() - expected.keys()) == ["duration_s", "ended_at", "started_at"]
        assert item["duration_s"] >= 0

        # The list has the current name, not the name of the chat's time.
        profile = f"/api/v1/visitors/{visitor}"
        version = (ok(await ana.get(profile)))["version"]
        ok(await ana.patch(profile, json={"version": version, "name": "Berta"}))
        (item,) = await closed()
        assert item["visitor"]["name"] == "Berta"

        log = ok(await ana.get(f"/api/v1/chats/{conversation}/log"))
        assert {key: log[key] for key in item} == item
        assert [entry["seq"] for entry in log["entries"]] == list(range(1, log["head"] + 1))
        assert [entry["text"] for entry in log["entries"] if "text" in entry] == ["Hello?", "Anybody?", "Patient."]
        assert log["entries"][0]["kind"] == "opened"
        assert log["entries"][-1]["kind"] == "closed"
        assert {entry["epoch"] for entry in log["entries"]} == {log["epoch"]}

        path = f"/api/v1/chats/{conversation}"
        assert (ok(await ana.patch(path, json={"flagged": True})))["flagged"] is True
        found = ok(await ana.get("/api/v1/chats", params={"flagged": "true", "agent": me, "visitor": visitor}))
        assert [chat["conversation"] for chat in found["items"]] == [conversation]
        around = {"from": item["started_at"], "to": rfc3339(4_000_000_000_000)}
        assert len((ok(await ana.get("/api/v1/chats", params=around)))["items"]) == 1
        before = {"to": item["started_at"]}
        assert (ok(await ana.get("/api/v1/chats", params=before)))["items"] == []


async def test_a_log_longer_than_a_page_is_returned_whole(whole: HttpSide) -> None:
    """S-52"""
    conversation = await say(whole, [f"line {number}" for number in range(7)])
    async with whole.signed_in(ANA) as ana:
        log = ok(await ana.get(f"/api/v1/chats/{conversation}/log"))
    assert [entry["seq"] for entry in log["entries"]] == list(range(1, 9))
    assert log["head"] == 8


async def test_a_list_continues_by_cursor_until_the_end(whole: HttpSide) -> None:
    made = [await say(whole, ["Hello?"]) for _ in range(5)]
    async with whole.signed_in(ANA) as ana:
        seen: list[str] = []
        cursor = ""
        while True:
            params: dict[str, str | int] = {"status": "waiting", "limit": 2, "cursor": cursor}
            page = ok(await ana.get("/api/v1/chats", params=params))
            seen += [item["conversation"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = page["next"]
    assert seen == made[::-1]


async def test_a_chat_has_one_ticket_whose_changes_need_the_current_version(whole: HttpSide) -> None:
    """S-51: 201 for the first call, 200 for others; a late change gets a conflict with the current state."""
    visitor = await visit(whole)
    conversation = await say(whole, ["My teapot drips."], visitor=visitor)
    async with whole.signed_in(ANA) as ana:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        path = f"/api/v1/chats/{conversation}/ticket"
        made = ok(await ana.post(path), 201)
        assert ok(await ana.post(path, json={})) == made
        assert (made["number"], made["conversation"], made["status"], made["assignee"]) == (
            1,
            conversation,
            "open",
            {"id": me, "name": "Ana"},
        )
        assert made["visitor"]["id"] == visitor
        (line,) = [line for line in made["transcript"] if line["kind"] == "message"]
        assert (line["text"], line["author"]["id"], line["conversation"]) == ("My teapot drips.", visitor, conversation)

        ticket = f"/api/v1/tickets/{made['id']}"
        assert ok(await ana.get(ticket)) == made
        change = {
            "version": made["version"],
            "status": "pending",
            "priority": "high",
            "subject": "Drips",
            "assignee": me,
        }
        changed = ok(await ana.patch(ticket, json=change))
        assert changed["assignee"] == {"id": me, "name": "Ana"}
        assert (changed["status"], changed["priority"], changed["subject"]) == ("pending", "high", "Drips")
        late = await ana.patch(ticket, json={"version": made["version"], "status": "solved"})
        assert problem(late) == (409, "conflict")
        assert late.json()["current"] == changed
        freed = ok(await ana.patch(ticket, json={"version": changed["version"], "assignee": None}))
        assert freed["assignee"] is None

        (row,) = (ok(await ana.get("/api/v1/tickets", params={"status": "pending"})))["items"]
        assert row == {key: value for key, value in freed.items() if key not in ("transcript", "history")}
        assert (ok(await ana.get("/api/v1/tickets", params={"status": "solved"})))["items"] == []


async def test_a_ticket_and_its_transcript_have_the_visitors_current_name(whole: HttpSide) -> None:
    """S-24, S-51."""
    visitor = await visit(whole)
    conversation = await say(whole, ["My teapot drips."], visitor=visitor)
    async with whole.signed_in(ANA) as ana:
        made = ok(await ana.post(f"/api/v1/chats/{conversation}/ticket"), 201)
        version = ok(await ana.get(f"/api/v1/visitors/{visitor}"))["version"]
        ok(await ana.patch(f"/api/v1/visitors/{visitor}", json={"version": version, "name": "Berta"}))
        (row,) = (ok(await ana.get("/api/v1/tickets")))["items"]
        shown = ok(await ana.get(f"/api/v1/tickets/{made['id']}"))
        again = ok(await ana.post(f"/api/v1/chats/{conversation}/ticket"))
        changed = ok(
            await ana.patch(f"/api/v1/tickets/{made['id']}", json={"version": made["version"], "status": "solved"})
        )
        late = await ana.patch(f"/api/v1/tickets/{made['id']}", json={"version": made["version"], "status": "open"})
        current = late.json()["current"]
        assert [ticket["visitor"]["name"] for ticket in (row, shown, again, changed, current)] == ["Berta"] * 5
        assert {line["author"]["name"] for line in made["transcript"]} == {visitor_label(visitor)}
        assert {line["author"]["name"] for line in shown["transcript"]} == {"Berta"}
        assert {line["text"] for line in shown["transcript"]} == {line["text"] for line in made["transcript"]}


async def test_a_log_has_one_name_for_a_visitor_that_was_renamed_in_the_middle(whole: HttpSide) -> None:
    """S-24, S-54: agents keep theirs."""
    visitor = await visit(whole)
    conversation = await say(whole, ["My teapot drips.", "Hello?"], visitor=visitor)
    await take(whole, conversation, "a")
    async with whole.signed_in(ANA) as ana:
        version = ok(await ana.get(f"/api/v1/visitors/{visitor}"))["version"]
        ok(await ana.patch(f"/api/v1/visitors/{visitor}", json={"version": version, "name": "Berta"}))
        log = ok(await ana.get(f"/api/v1/chats/{conversation}/log"))
        text = (await ana.get(f"/api/v1/chats/{conversation}/export")).text
    names = {(entry["author"]["kind"], entry["author"].get("name")) for entry in log["entries"]}
    assert names == {("visitor", "Berta"), ("agent", "Ana")}
    assert "Visitor 4F2A" not in text
    assert text.count("Berta") == 4, text


async def test_another_sites_records_are_not_found_and_not_changed(whole: HttpSide) -> None:
    """I-18: on every route the response is the one for an id that does not exist, byte for byte."""
    visitor = await visit(whole)
    conversation = await say(whole, ["Hello?"], visitor=visitor)
    async with whole.signed_in(ANA) as ana, whole.signed_in(OTHER) as other:
        ticket = (ok(await ana.post(f"/api/v1/chats/{conversation}/ticket"), 201))["id"]
        foreigner = ok(await other.get("/api/v1/me"))["agent"]

        async def asked(
            client: httpx.AsyncClient, visitor: str, conversation: str, ticket: str
        ) -> list[httpx.Response]:
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
