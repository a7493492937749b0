"""Malformed, too large and too frequent input is refused with a stable code, and other clients are not affected."""

import json
from typing import Any

import pytest

from tests.support.json_object import JsonObject
from tests.support.people import Agent, Visitor
from tests.support.protocol_client import Browser, Closed
from tests.support.running import Running

ID = "7c7f7f0e-7d7b-4c8f-9d8e-0c55c43d1d10"
WRONG_FIELDS: list[JsonObject] = [
    {"type": "send", "client_id": ID, "conversation": None},
    {"type": "send", "client_id": ID, "conversation": {"$gt": ""}, "text": "x"},
    {"type": "send", "client_id": 7, "conversation": None, "text": "x"},
    {"type": "send", "client_id": ID, "conversation": None, "text": ["x"]},
    {"type": "fetch", "ref": "r", "conversation": "c", "epoch": "1", "after": 0, "limit": 1},
    {"type": "fetch", "ref": "r", "conversation": "c", "epoch": 1, "after": -1, "limit": 1},
    {"type": "fetch", "ref": "r", "conversation": "c", "epoch": 1, "after": 0, "limit": 10**9},
    {"type": "read", "conversation": "c", "seq": 1.5},
    {"type": "page", "url": 1, "title": "t", "referrer": ""},
]
TEXTS = {"empty": "", "blank": " \n ", "too long": "x" * 4001, "a NUL": "a\0b"}


@pytest.mark.parametrize("frame", WRONG_FIELDS, ids=[str(index) for index in range(len(WRONG_FIELDS))])
async def test_a_wrong_field_is_refused_and_the_socket_lives(visitor: Visitor, frame: JsonObject) -> None:
    await visitor.client.say(**frame)
    answer = await visitor.client.hear(lambda heard: heard["type"] in ("error", "nack"))
    assert answer["code"] in ("invalid", "not_found")
    assert answer["message"]
    assert (await visitor.client.send("Still here", None))["type"] == "ack"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
async def test_a_text_that_cannot_be_sent_gets_a_final_nack(visitor: Visitor, text: str) -> None:
    answer = await visitor.client.send(text, None)
    assert (answer["type"], answer["retry_ms"]) == ("nack", None)
    assert answer["code"] in ("invalid", "too_large")


async def test_a_lone_surrogate_is_no_text(visitor: Visitor) -> None:
    """It cannot be written in UTF-8; the socket lives."""
    raw = json.dumps({"type": "send", "client_id": ID, "conversation": None, "text": "SURROGATE"})
    await visitor.client.say_raw(raw.replace("SURROGATE", "\\ud800"))
    answer = await visitor.client.hear(lambda heard: heard["type"] in ("error", "nack"))
    assert answer["code"] == "invalid"
    assert (await visitor.client.send("Still here", None))["type"] == "ack"


async def test_an_unknown_type_is_an_error_and_an_unknown_field_is_nothing(visitor: Visitor) -> None:
    await visitor.client.say(type="teleport")
    assert (await visitor.client.hear_type("error"))["code"] == "unknown_type"
    await visitor.client.say(type="send", client_id=ID, conversation=None, text="Hello", colour="blue")
    assert (await visitor.client.hear_type("ack"))["client_id"] == ID


@pytest.mark.parametrize("data", ["{", "[]", "7", '"hello"', "", b"\x00\xff", '{"type":"send"', "nul"])
async def test_what_is_no_frame_closes_that_socket_and_no_other(visitor: Visitor, running: Running, data: Any) -> None:
    async with Browser(running.public(0)) as browser, browser.as_visitor() as bad:
        await bad.say_raw(data)
        with pytest.raises(Closed) as closed:
            await bad.hear(lambda frame: frame["type"] == "nothing like this")
        assert closed.value.code == 4400
    assert (await visitor.client.send("Unharmed", None))["type"] == "ack"


@pytest.mark.parametrize("size", [33_000, 100_000])
async def test_a_frame_too_large_closes_with_4413(running: Running, size: int) -> None:
    async with Browser(running.public(0)) as browser, browser.as_visitor() as bad:
        await bad.say(type="page", url="https://x.test", title="x" * size, referrer="")
        with pytest.raises(Closed) as closed:
            await bad.hear(lambda frame: frame["type"] == "nothing like this")
        assert closed.value.code == 4413


async def test_something_before_the_hello_closes(running: Running) -> None:
    async with Browser(running.public(0)) as browser, browser.socket("visitor") as client:
        await client.say(type="ping", cursors=[])
        with pytest.raises(Closed) as closed:
            await client.hear(lambda _: False)
        assert closed.value.code == 4400


async def test_a_flood_is_refused_with_reason_and_retry_time(running: Running) -> None:
    """I-26: what is refused may be sent again; what was acknowledged is there."""
    async with Browser(running.public(0)) as browser, browser.as_visitor() as fast:
        for number in range(200):
            await fast.say(type="send", client_id=f"flood-{number}", conversation=None, text=str(number))
        refused = await fast.hear_type("nack", code="too_fast")
        assert refused["retry_ms"] > 0
        assert refused["message"]


WRONG_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"email": {"$ne": null}, "password": {"$ne": null}}',
    b"\xff\xfe",
    b'{"email": 1}',
]


@pytest.mark.parametrize("body", WRONG_BODIES)
async def test_a_malformed_body_is_a_problem_with_a_code(running: Running, body: bytes) -> None:
    async with Browser(running.public(0)) as browser:
        for path in ("/api/v1/session", "/api/v1/visitor/session"):
            answer = await browser.http.post(path, content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 400, path
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert answer.json()["code"] == "invalid"


QUERIES = ["limit=0", "limit=1000", "limit=x", "cursor=%00", "cursor=abc", "from=yesterday", "status=anything"]


@pytest.mark.parametrize("query", QUERIES)
async def test_a_malformed_query_is_a_problem_with_a_code(agent: Agent, query: str) -> None:
    answer = await agent.browser.http.get(f"/api/v1/chats?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_a_body_too_large_is_refused(agent: Agent) -> None:
    answer = await agent.browser.http.post("/api/v1/session", json={"email": "a@b.test", "password": "x" * 1_000_000})
    assert answer.status_code in (400, 413)
