"""Any bytes to every call of the OpenAPI document, with a valid session: a refusal of the documented shape, no 5xx, no traceback."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from kit.codes import ERRORS, Code
from services.gateway.accounts.identity import PLAIN_SESSION_COOKIE
from services.gateway.http.api_calls import CALLS, Call
from tests.support.protocol_client import Browser
from tests.support.raw_http import Answer, ask
from tests.support.running import Running
from tests.system.fuzzing import MARK, PASSWORD, SITE, forget_throttles, make_site, nothing_breaks, still_answers

EMAIL = "bytes@fuzzed.test"
SOME = MARK.encode()
ID = b"0190f7c1a0b07c3d8e4f5a6b7c8d9e0f"
# Not one of them is a valid body of any call.
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": SOME,
    "half of an object": b'{"text":"' + SOME,
    "no object": b"[]",
    "null": b"null",
    "no UTF-8": b'{"' + SOME + b'":"\xff\xfe"}',
    "no UTF-8 in a name": b'{"\xff":1}',
    "UTF-16": '{"version":1}'.encode("utf-16"),
    "a mark of the byte order": b"\xef\xbb\xbf{}",
    "deep arrays": b'{"x":' + b"[" * 15_000 + b"]" * 15_000 + b"}",
    "deep objects": b'{"x":' * 5_000 + b"1" + b"}" * 5_000,
    "unclosed arrays": b"[" * 60_000,
    "a NUL": b'{"\\u0000":"' + SOME + b'\\u0000"}',
    "raw NULs": b"\0" * 64,
    "lone surrogates": b'{"text":"\\ud800","client_id":"\\udfff","name":"\\ud800","version":1}',
    "a number without end": b'{"version":' + b"9" * 5_000 + b"}",
    "a huge exponent": b'{"version":1e999999}',
    "NaN": b'{"version":NaN}',
    "wrong types": b'{"version":"1","text":[],"name":{},"email":1,"password":null,"client_id":1.5,"token":[],"site":{}}',
    "operators": b'{"version":{"$gt":0},"email":{"$ne":null},"password":{"$ne":null},"token":{"$gt":""},"site":{"$gt":""}}',
    "unknown fields": b'{"_id":1,"$set":{"role":"administrator"}}',
    "too much": b'{"x":"' + b"x" * 70_000 + b'"}',
}
QUERIES: dict[str, bytes] = {
    "no UTF-8": b"limit=%ff%fe&cursor=%c3",
    "a NUL": b"limit=%00&cursor=%00&text=%00",
    "half an escape": b"limit=%&cursor=%zz&text=%u0000",
    "a number without end": b"limit=" + b"9" * 5_000,
    "repeated": b"limit=1&limit=2",
    "operators": b"limit[$gt]=1&status[$ne]=closed",
    "unknown": b"site=other&" + SOME + b"=1",
    "brackets": b"limit=" + b"[" * 3_000,
}
SEGMENTS: dict[str, bytes] = {
    "no UTF-8": b"%ff%fe",
    "a NUL": b"a%00b",
    "a folder": b"..%2f..%2fetc%2fpasswd",
    "operators": b"%7B%22$gt%22:%22%22%7D",
    "too long": b"x" * 3_000,
    "a line": b"a%0d%0aset-cookie:%20a=b",
}
HEADERS: dict[str, dict[bytes, bytes]] = {
    "texts that are no UTF-8": dict.fromkeys(
        (b"user-agent", b"accept-language", b"if-none-match", b"x-forwarded-for", b"x"), b"\xff\xfe" + SOME
    ),
    "a cookie that is no UTF-8": {b"cookie": PLAIN_SESSION_COOKIE.encode() + b"=\xff\xfe; \xff=\xff"},
    "an empty cookie": {b"cookie": b"=; ;;=;" + PLAIN_SESSION_COOKIE.encode()},
    "ten thousand cookies": {b"cookie": b"; ".join(b"a%d=b" % number for number in range(4_000))},
    "a media type that is none": {b"content-type": b"\xff/\xfe; charset=\xfd"},
    "a charset that is none": {b"content-type": b"application/json; charset=" + SOME},
    "an encoding that is none": {b"content-encoding": b"gzip"},
    "an origin that is none": {b"origin": b"http://[::1"},
    "an origin that is no UTF-8": {b"origin": b"\xff\xfe"},
    "a length below zero": {b"content-length": b"-1"},
    "a length without end": {b"content-length": b"9" * 100},
    "two ends": {b"transfer-encoding": b"chunked, identity"},
    "a line without end": {b"x": b"x" * 100_000},
    "an address that is none": {b"x-forwarded-for": b"999.999.999.999, \0", b"forwarded": b"for=\xff"},
}
SIGN_OUTS = ("/api/v1/session", "/api/v1/me/sessions")


class Door(NamedTuple):
    """An administrator's session at a gateway."""

    address: str
    cookie: str

    def ask(
        self, call: Call, *, body: bytes | None = None, query: bytes = b"", id_: bytes = ID, **headers: Any
    ) -> Answer:
        target = call.path.replace("{id}", "ID").replace("{note}", "ID").encode().replace(b"ID", id_)
        known = call.method != "DELETE" or call.path not in SIGN_OUTS
        usual = {
            b"origin": self.address.encode(),
            b"cookie": f"{PLAIN_SESSION_COOKIE}={self.cookie if known else 'x'}".encode(),
            b"content-type": call.takes[0].encode(),
        }
        more: dict[bytes, bytes] = headers.get("headers", {})
        return ask(self.address, call.method, target + (b"?" + query if query else b""), {**usual, **more}, body)


@pytest.fixture
async def door(running: Running) -> Door:
    await make_site(running, EMAIL)
    async with Browser(running.public(0), SITE) as browser:
        await browser.sign_in(EMAIL, PASSWORD)
        return Door(browser.public, browser.http.cookies[PLAIN_SESSION_COOKIE])


@pytest.fixture(autouse=True)
def at_work(running: Running, door: Door) -> Iterator[None]:
    """No process ends, no log has a traceback, what was sent, or the session."""
    with nothing_breaks(running, lambda: [door.cookie, PASSWORD]):
        yield
        still_answers(running)


@pytest.fixture(autouse=True)
async def throttles(running: Running) -> object:
    """Others sign in from this address, too."""
    yield
    await forget_throttles(running)


def is_refused(answer: Answer, what: object) -> None:
    """4xx, as the document says."""
    assert 400 <= answer.status < 500, (what, answer)
    problem = answer.problem
    assert (problem["status"], problem["type"]) == (answer.status, "about:blank"), (what, problem)
    assert problem["title"], (what, problem)
    assert problem["detail"].endswith("."), (what, problem)
    assert answer.status in (ERRORS[Code(problem["code"])].http, 405), (what, problem)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_none_is_refused_by_every_call_that_takes_one(door: Door, name: str) -> None:
    for call in CALLS:
        answer = door.ask(call, body=BODIES[name])
        takes_one = call.body is not None or call.takes[0].startswith("image/")
        if takes_one or answer.status >= 400:
            is_refused(answer, (call.method, call.path))


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_that_is_none_is_refused_by_every_call_that_takes_one(door: Door, name: str) -> None:
    for call in CALLS:
        answer = door.ask(call, query=QUERIES[name])
        if call.query is not None or answer.status >= 400:
            is_refused(answer, (call.method, call.path))


@pytest.mark.parametrize("name", SEGMENTS)
def test_an_id_that_is_none_finds_nothing(door: Door, name: str) -> None:
    for call in CALLS:
        if "{" in call.path:
            answer = door.ask(call, id_=SEGMENTS[name])
            if call.path != "/api/v1/photos/{id}":  # which answers without a photo, too
                is_refused(answer, (call.method, call.path))
            assert answer.status < 500, (call.method, call.path, answer)


@pytest.mark.parametrize("target", [b"limit=\xff\xfe", "limit=😀".encode(), b"limit=\x7f", b"limit=a b"])
def test_a_target_of_other_bytes_than_ascii_is_refused(door: Door, target: bytes) -> None:
    for call in CALLS:
        answer = door.ask(call, query=target)
        assert answer.status == 400 or (answer.status < 500 and call.query is None), (call.method, call.path, answer)


@pytest.mark.parametrize("name", HEADERS)
def test_headers_of_any_bytes_get_an_answer_below_500(door: Door, name: str) -> None:
    """A head that is no HTTP is refused below the API, without its shape."""
    for call in CALLS:
        answer = door.ask(call, headers=HEADERS[name])
        assert answer.status < 500, (call.method, call.path, answer)
        if answer.status >= 400 and answer.kind != "text/plain":
            is_refused(answer, (call.method, call.path))
