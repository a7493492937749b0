"""Answers of the HTTP API, as tests read them: successes, refusals, and what the OpenAPI document promises."""

import re
from typing import Any

import httpx
import msgspec

from services.gateway.http.api_calls import CALLS, Call
from services.gateway.http.problems import PROBLEM_TYPE


def problem(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal; the body is a whole problem document."""
    assert response.headers.get("content-type") == PROBLEM_TYPE, shown(response)
    body = response.json()
    assert (body["status"], body["type"]) == (response.status_code, "about:blank"), shown(response)
    assert body["title"], shown(response)
    assert body["detail"].endswith("."), shown(response)
    return response.status_code, body["code"]


def ok(response: httpx.Response, status: int = 200) -> Any:
    """The JSON of a successful response, which no cache stores."""
    assert response.status_code == status, shown(response)
    assert response.headers["cache-control"] == "no-store", shown(response)
    return response.json()


def no_content(response: httpx.Response) -> None:
    assert (response.status_code, response.content) == (204, b""), shown(response)


def shown(response: httpx.Response) -> str:
    """For the message of a failure: the request, the status and the body."""
    return f"{response.request.method} {response.request.url}: {response.status_code} {response.text}"


def published(method: str, path: str) -> Call | None:
    """The call of the OpenAPI document for this request."""
    return next((call for call in CALLS if call.method == method and fits(call.path, path)), None)


def fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path) is not None


async def check_published_answer(response: httpx.Response) -> None:
    """A successful JSON response has exactly the fields that the OpenAPI document promises."""
    call = published(response.request.method, response.request.url.path)
    if call is None or not call.answers or not response.is_success:
        return
    content = await response.aread()
    if response.headers.get("content-type") == "application/json":
        assert any(decodes(content, kind) for kind in call.answers), shown(response)


def decodes(content: bytes, kind: type[msgspec.Struct]) -> bool:
    try:
        found = msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError:
        return False
    return bool(msgspec.to_builtins(found) == msgspec.json.decode(content))
