"""Chat logs over HTTP on the real services: the list, one log, and the names in it."""

import httpx

from kit.ids import now_ms, visitor_label
from kit.times import rfc3339
from tests.integration.gateway.http_api.answers import ok
from tests.integration.gateway.http_api.http_side import ANA, HttpSide
from tests.integration.gateway.http_api.talks import close, note, say, take, visit
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject


async def test_a_chat_is_listed_read_and_flagged(whole: HttpSide) -> None:
    """S-12, S-52: start, duration, the whole log with its notes; the list has open chats only on request."""
    visitor = await visit(whole)
    conversation = await say(whole, ["Hello?", "Anybody?"], visitor=visitor)
    async with whole.signed_in(ANA) as ana:
        (waiting,) = (ok(await ana.get("/api/v1/chats", params={"status": "waiting"})))["items"]
        assert (waiting["preview"], waiting["last_line"]) == ("Hello?", "Anybody?")
        me = ok(await ana.get("/api/v1/me"))["agent"]
        await take(whole, conversation, me)
        await note(whole, conversation, me, "Patient.")
        assert ok(await ana.get("/api/v1/chats", params={"visitor": visitor})) == {"items": [], "next": None}
        (active,) = (ok(await ana.get("/api/v1/chats", params={"status": "active"})))["items"]
        assert (active["status"], active["ended_at"], active["duration_s"]) == ("active", None, None)
        assert (active["preview"], active["last_line"]) == (None, "Anybody?")
        assert active["started_at"] <= active["unanswered_since"] <= active["last_at"] <= rfc3339(now_ms())
        await close(whole, conversation)

        async def closed() -> list[JsonObject]:
            items: list[JsonObject] = (ok(await ana.get("/api/v1/chats")))["items"]
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
            "preview": None,
            "last_line": "Anybody?",
            "unanswered_since": None,
        }
        assert item == item | expected
        assert sorted(item.keys() - expected.keys()) == ["duration_s", "ended_at", "last_at", "started_at"]
        assert item["duration_s"] >= 0
        assert item["last_at"] == item["ended_at"]

        # The list has the current name, not the name of the chat's time.
        profile = f"/api/v1/visitors/{visitor}"
        version = (ok(await ana.get(profile)))["version"]
        ok(await ana.patch(profile, json={"version": version, "name": "Berta"}))
        (item,) = await closed()
        assert item["visitor"]["name"] == "Berta"

        await check_log(ana, conversation, item)
        await flag_and_filter(ana, conversation, item, {"agent": me, "visitor": visitor})


async def check_log(ana: httpx.AsyncClient, conversation: str, item: JsonObject) -> None:
    """The whole log, with the fields of its item in the list."""
    log = ok(await ana.get(f"/api/v1/chats/{conversation}/log"))
    assert {key: log[key] for key in item} == item
    assert [entry["seq"] for entry in log["entries"]] == list(range(1, log["head"] + 1))
    assert [entry["text"] for entry in log["entries"] if "text" in entry] == ["Hello?", "Anybody?", "Patient."]
    assert log["entries"][0]["kind"] == "opened"
    assert log["entries"][-1]["kind"] == "closed"
    assert {entry["epoch"] for entry in log["entries"]} == {log["epoch"]}


async def flag_and_filter(ana: httpx.AsyncClient, conversation: str, item: JsonObject, people: dict[str, str]) -> None:
    path = f"/api/v1/chats/{conversation}"
    assert (ok(await ana.patch(path, json={"flagged": True})))["flagged"] is True
    found = ok(await ana.get("/api/v1/chats", params={"flagged": "true", **people}))
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
