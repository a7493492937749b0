"""The answer to a handshake that a gateway refuses."""

import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.integration.gateway.sockets.running import Stack


async def status(demo: Stack, kind: str, **options: Any) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        async with demo.gateway.socket(kind, **options):
            pass
    body: dict[str, Any] = json.loads(refused.value.response.body)
    return refused.value.response.status_code, body["code"]
