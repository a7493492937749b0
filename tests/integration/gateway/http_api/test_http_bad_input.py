"""Invalid input is refused with a sentence on every route of the records, and changes nothing."""

import pytest

from tests.integration.gateway.http_api.answers import ok, problem
from tests.integration.gateway.http_api.http_side import ANA, HttpSide
from tests.integration.gateway.http_api.talks import say, visit
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow

BAD_QUERIES = [
    "limit=0",
    "limit=101",
    "limit=x",
    "limit=1.5",
    "limit=",
    "cursor=%00",
    "cursor=abc",
    "cursor=" + "a" * 600,
    "from=yesterday",
    "from=2026-01-01",
    "from=2026-01-01T00:00:00",
    "to=99999-01-01T00:00:00Z",
    "status=anything",
    "status[$ne]=closed",
    "visitor[$gt]=",
    "flagged=maybe",
    "visitor=a&visitor=b",
    "site=other",
    "visitor=%00",
    "visitor=" + "v" * 200,
]


BAD_EDITS: list[JsonObject] = [
    {},
    {"version": "1"},
    {"version": 1.5},
    {"version": -1},
    {"version": 2**70},
    {"version": 1, "name": {"$set": "x"}},
    {"version": 1, "name": ["x"]},
    {"version": 1, "name": "a\0b"},
    {"version": 1, "name": "x" * 5000},
    {"version": 1, "email": "not an address"},
    {"version": 1, "bio": None},
    {"version": 1, "bio": "x" * 50_000},
    {"version": 1, "site": "other"},
    {"version": 1, "visits": 100},
    {"version": 1, "$set": {}},
]


BAD_NOTES: list[JsonObject] = [
    {},
    {"text": "x"},
    {"client_id": "", "text": "x"},
    {"client_id": "c" * 65, "text": "x"},
    {"client_id": "1", "text": ""},
    {"client_id": "1", "text": "x" * 4001},
    {"client_id": "1", "text": "\0"},
    {"client_id": {"$ne": 1}, "text": "x"},
    {"client_id": "1", "text": "x", "author": "me"},
]


BAD_NOTE_EDITS: list[JsonObject] = [
    {"text": "x"},
    {"version": 1},
    {"version": 1, "text": ""},
    {"version": 1, "text": "x" * 4001},
    {"version": "1", "text": "x"},
    {"version": 1, "text": {"$ne": 1}},
    {"version": 1, "text": "x", "others": True},
]


BAD_TICKETS: list[JsonObject] = [
    {"version": 1, "status": "gone"},
    {"version": 1, "status": None},
    {"version": 1, "priority": {"$ne": 1}},
    {"version": 1, "subject": ""},
    {"version": 1, "subject": "x" * 5000},
    {"version": 1, "assignee": ""},
    {"version": 1, "assignee": {"$gt": ""}},
    {"version": 1, "number": 7},
    {"status": "open"},
]


async def test_bad_input_is_refused_with_a_sentence_and_changes_nothing(whole: HttpSide) -> None:
    visitor = await visit(whole)
    conversation = await say(whole, ["Hello?"], visitor=visitor)
    async with whole.signed_in(ANA) as ana:
        ticket = ok(await ana.post(f"/api/v1/chats/{conversation}/ticket"), 201)
        before = ok(await ana.get(f"/api/v1/visitors/{visitor}"))
        calls: list[tuple[str, str, object]] = [("GET", f"/api/v1/chats?{query}", None) for query in BAD_QUERIES]
        calls += [("GET", f"/api/v1/tickets?{query}", None) for query in BAD_QUERIES]
        calls += [("PATCH", f"/api/v1/visitors/{visitor}", body) for body in BAD_EDITS]
        calls += [("POST", f"/api/v1/visitors/{visitor}/notes", body) for body in BAD_NOTES]
        calls += [("PATCH", f"/api/v1/visitors/{visitor}/notes/1", body) for body in BAD_NOTE_EDITS]
        calls += [("PATCH", f"/api/v1/tickets/{ticket['id']}", body) for body in BAD_TICKETS]
        calls += [("PATCH", f"/api/v1/chats/{conversation}", body) for body in ({}, {"flagged": "yes"}, {"flagged": 1})]
        for method, path, body in calls:
            answer = await ana.request(method, path, json=body) if body is not None else await ana.request(method, path)
            assert problem(answer) == (400, "invalid"), (path, body, answer.text)
        assert ok(await ana.get(f"/api/v1/visitors/{visitor}")) == before
        assert ok(await ana.get(f"/api/v1/tickets/{ticket['id']}")) == ticket
