"""Calls with the cookie must come from the dashboard's own pages with a valid JSON body; others get a problem document."""

from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from services.gateway.accounts.identity import SESSION_COOKIE
from tests.integration.gateway.http_api.answers import no_content, problem
from tests.integration.gateway.http_api.http_side import ANA, HOST, ORIGIN, PASSWORD, HttpSide, cookie_of, sign_in

FOREIGN_PAGES = [
    {"origin": "https://evil.test"},
    {"origin": "null"},
    {"origin": f"https://{HOST}.evil.test"},
    {"origin": f"https://{HOST}:8443"},
    {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": ""},
]


async def test_a_change_from_another_sites_page_is_refused(side: HttpSide) -> None:
    async with side.signed_in(ANA) as browser:
        secret = cookie_of(browser)
    for headers in FOREIGN_PAGES:
        async with side.client(cookie=f"{SESSION_COOKIE}={secret}", **headers) as client:
            calls = [
                client.post("/api/v1/session", json={"email": ANA, "password": PASSWORD}),
                client.delete("/api/v1/session"),
                client.patch("/api/v1/visitors/1", json={"version": 1}),
                client.post("/api/v1/visitors/1/notes", json={"client_id": "1", "text": "x"}),
                client.patch("/api/v1/chats/1", json={"flagged": True}),
                client.post("/api/v1/chats/1/ticket", json={}),
                client.patch("/api/v1/tickets/1", json={"version": 1}),
            ]
            for call in calls:
                assert problem(await call) == (403, "origin_refused"), headers
            assert (await client.get("/api/v1/me")).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_body_of_another_media_type_is_refused(side: HttpSide, content_type: str) -> None:
    """A form of another site can send these without a preflight."""
    body = b'{"email": "ana@shop.test", "password": "x"}'
    async with side.client(origin=ORIGIN) as client:
        answer = await client.post("/api/v1/session", content=body, headers={"content-type": content_type})
        assert problem(answer) == (400, "invalid")


async def test_a_client_without_browser_headers_needs_no_origin(side: HttpSide) -> None:
    async with side.client() as client:
        no_content(await sign_in(client))
        no_content(await client.delete("/api/v1/session"))


WRONG_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"{}",
    b'{"email": "a@b.test"}',
    b'{"email": 1, "password": "x"}',
    b'{"email": {"$ne": null}, "password": {"$ne": null}}',
    b'{"email": ["a@b.test"], "password": "x"}',
    b'{"email": "a@b.test", "password": "x", "$where": "1"}',
    b'{"email": "a\\u0000@b.test", "password": "x"}',
    b'{"email": "a@b.test", "password": "\\u0000"}',
    b'{"email": "\\ud800", "password": "x"}',
    b'{"email": "a@b.test", "password": "\\udfff x"}',
    b'{"email": "a@b.test", "password": "\xed\xa0\x80"}',
    b'{"email": "", "password": "x"}',
    b'{"email": "a@b.test", "password": ""}',
    b'{"email": "%s", "password": "x"}' % (b"a" * 255),
    b'{"email": "a@b.test", "password": "%s"}' % (b"x" * 1001),
    b'{"a":' * 10_000,
]


async def test_an_invalid_body_is_refused_with_a_sentence(side: HttpSide) -> None:
    async with side.client(origin=ORIGIN) as client:
        for body in WRONG_BODIES:
            answer = await client.post("/api/v1/session", content=body, headers={"content-type": "application/json"})
            assert problem(answer) == (400, "invalid"), body
            assert answer.json()["detail"].endswith("."), body


@pytest.mark.parametrize("declared", [True, False])
async def test_too_large_a_body_is_refused_while_it_arrives(side: HttpSide, declared: bool) -> None:
    async def chunks() -> Any:
        for _ in range(100):
            yield b"x" * 1024

    content = b"x" * 100 * 1024 if declared else chunks()
    async with side.client(origin=ORIGIN) as client:
        answer = await client.post("/api/v1/session", content=content, headers={"content-type": "application/json"})
    assert problem(answer) == (413, "too_large")


async def test_an_unexpected_error_names_the_request_and_logs_no_body(
    side: HttpSide, caplog: pytest.LogCaptureFixture
) -> None:
    """A malformed record in the database causes the unexpected error."""
    await side.collection("agents").insert_one({"_id": "broken", "email": "broken@shop.test"})
    with capture_logs([merge_contextvars]) as lines:
        async with side.client(origin=ORIGIN) as client:
            answer = await sign_in(client, "broken@shop.test")
    assert problem(answer) == (500, "internal")
    request = answer.headers["x-request-id"]
    assert request in answer.json()["detail"]
    (line,) = lines
    assert (line["request"], line["route"], line["log_level"]) == (request, "/api/v1/session", "error")
    assert PASSWORD not in str(lines)
    assert PASSWORD not in caplog.text
