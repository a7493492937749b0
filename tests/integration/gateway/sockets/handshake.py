"""The answer to a handshake that a gateway refuses."""

import json

import pytest
from websockets.exceptions import InvalidStatus

from tests.integration.gateway.sockets.running import Stack
from tests.support.json_object import JsonObject


async def status(demo: Stack, kind: str, **options: object) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        async with demo.gateway.socket(kind, **options):
            pass
    body: JsonObject = json.loads(refused.value.response.body)
    return refused.value.response.status_code, body["code"]
