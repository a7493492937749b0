"""Requests that no browser of ours sends: methods without a handler, and bodies whose end is ambiguous."""

import pytest

from services.gateway.http.api_calls import CALLS
from tests.integration.gateway.http_api.answers import problem
from tests.integration.gateway.http_api.http_side import ANA, ORIGIN, HttpSide

SIGN_OUT = ("DELETE", "/api/v1/session")
PATHS = ["/", "/dashboard/", "/widget.js", "/widget/app/", "/openapi.json", "/nothing", "/api/v1/nothing"]


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "BREW"])
async def test_no_path_reflects_a_request_of_an_unknown_method(side: HttpSide, method: str) -> None:
    async with side.client(origin=ORIGIN, cookie="palique_session=reflected") as client:
        for path in [*PATHS, *(call.path.replace("{id}", "1").replace("{note}", "1") for call in CALLS)]:
            answer = await client.request(method, path, content=b"reflected")
            assert answer.status_code in {404, 405}, (path, answer.status_code)
            assert "reflected" not in answer.text
            assert "reflected" not in str(answer.headers)


async def test_a_request_with_two_lengths_is_refused_and_closes_its_connection(side: HttpSide) -> None:
    """Else a proxy and the gateway could disagree where the next request begins."""
    async with side.client(origin=ORIGIN) as client:
        headers = {"content-type": "application/json", "content-length": "4", "transfer-encoding": "chunked"}
        for path in ("/api/v1/session", "/api/v1/visitor/session", "/dashboard/"):
            answer = await client.post(path, content=b"0\r\n\r\nGET /api/v1/me HTTP/1.1\r\n\r\n", headers=headers)
            assert problem(answer) == (400, "invalid")
            assert answer.headers["connection"] == "close"


async def test_no_cache_stores_an_answer_with_personal_data(side: HttpSide) -> None:
    """Every call of the API, with a session and without. Photos are public and named by their content."""
    async with side.signed_in(ANA) as agent, side.client(origin=ORIGIN) as stranger:
        for call in CALLS:
            if call.path in {"/api/v1/photos/{id}", "/openapi.json"} or (call.method, call.path) == SIGN_OUT:
                continue
            path = call.path.replace("{id}", "0" * 32).replace("{note}", "1")
            for client in (agent, stranger):
                answer = await client.request(call.method, path)
                assert answer.headers["cache-control"] == "no-store", (call.method, path)
