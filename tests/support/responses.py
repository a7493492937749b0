"""Reading of HTTP responses, with failures that show what came."""

from typing import Any

import httpx


def ok_json(answer: httpx.Response) -> Any:
    """The JSON of a successful response. An AssertionError with status and body for any other."""
    assert answer.is_success, _shown(answer)
    return answer.json()


def require_success(answer: httpx.Response) -> httpx.Response:
    """Returns a successful response. HTTPStatusError with status and body for any other, for callers that retry."""
    if not answer.is_success:
        raise httpx.HTTPStatusError(_shown(answer), request=answer.request, response=answer)
    return answer


def _shown(answer: httpx.Response) -> str:
    return f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text[:1000]}"
