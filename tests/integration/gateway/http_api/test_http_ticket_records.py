"""Tickets over HTTP on the real services."""

from kit.ids import visitor_label
from tests.integration.gateway.http_api.answers import ok, problem
from tests.integration.gateway.http_api.http_side import ANA, HttpSide
from tests.integration.gateway.http_api.talks import say, visit


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
