"""Reading of HTTP responses, with failures that show what came."""

from typing import Any

import httpx


def ok_json(answer: httpx.Response) -> Any:
    """The JSON of a successful response. An AssertionError with status and body for any other."""
    assert answer.is_success, (
        f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text[:1000]}"
    )
    return answer.json()
