"""A body with joined faults is refused as invalid and raises nothing else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from kit.codes import Code, Refused
from services.gateway.http.request_body import read_json
from tests.support.json_faults import joined_faults


class Body(msgspec.Struct):
    type: str
    text: str = ""


def request(body: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


@given(st.one_of(st.binary(max_size=40), joined_faults(["a", "b"])))
async def test_any_body_is_a_struct_or_refused(body: bytes) -> None:
    refusal: Refused | None = None
    try:
        assert isinstance(await read_json(request(body), Body), Body)
    except Refused as refused:
        refusal = refused
    assert refusal is None or refusal.code in {Code.INVALID, Code.TOO_LARGE}, refusal


@pytest.mark.parametrize("value", [b"[" * 900 + b"]" * 900, b"[" * 20_000 + b"]" * 20_000, b'"\xff"'])
async def test_depth_and_encoding_are_checked_in_ignored_fields(value: bytes) -> None:
    with pytest.raises(Refused) as refused:
        await read_json(request(b'{"type":"a","x":' + value + b"}"), Body)
    assert refused.value.code is Code.INVALID
