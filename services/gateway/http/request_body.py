"""What clients send, read within bounds and decoded strictly: a struct comes out, or a refusal with a sentence."""

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from starlette.requests import Request

from kit.codes import Code, Refused

StructT = TypeVar("StructT", bound=msgspec.Struct)
# The largest body that means anything is a note of 4,000 characters.
BODY_LIMIT = 64 * 1024
# A body this small that is not there by then is held back on purpose.
BODY_TIMEOUT_S = 10.0
# Versions count edits; beyond this a browser's numbers are no longer whole.
Version = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
# Ids of any service; everything else is the id of nothing.
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)


async def read_json(request: Request, kind: type[StructT]) -> StructT:
    """The body as a struct; `invalid` or `too_large` when it is none."""
    body = await read_bytes(request, BODY_LIMIT)
    try:
        found = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refused(Code.INVALID, f"The body does not fit: {error}.") from None
    except ValueError as error:  # DecodeError, and UnicodeDecodeError for what is no UTF-8
        raise Refused(Code.INVALID, f"The body is not JSON in UTF-8: {error}.") from None
    return _clean(found)


def read_query(request: Request, kind: type[StructT]) -> StructT:
    """The query as a struct; `invalid` for unknown, doubled or malformed parameters."""
    items = request.query_params.multi_items()
    given = dict(items)
    if len(given) != len(items):
        raise Refused(Code.INVALID, "A parameter of the query stands there twice.")
    try:
        return _clean(msgspec.convert(given, kind, strict=False))
    except msgspec.ValidationError as error:
        raise Refused(Code.INVALID, f"The query does not fit: {error}.") from None


def path_id(request: Request, name: str = "id") -> str:
    """The id in the path; `not_found` for what cannot be one."""
    text = str(request.path_params[name])
    if not _ID.fullmatch(text):
        raise Refused(Code.NOT_FOUND, "There is nothing at this address.")
    return text


def checked(field: str, rule: Callable[[str], str], text: str) -> str:
    """What the rule makes of the text; `invalid`, with the field and the rule's sentence, when it refuses."""
    try:
        return rule(text)
    except ValueError as error:
        raise Refused(Code.INVALID, f"The field {field} does not fit: {error}.") from None


async def read_bytes(request: Request, limit: int) -> bytes:
    """The body; `too_large` beyond the limit, before it is read where that can be."""
    declared = request.headers.get("content-length", "")
    # Of more digits than any size has, none is made a number.
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > limit):
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        raise Refused(Code.INVALID, f"The body did not arrive within {BODY_TIMEOUT_S:.0f} s.") from None
    return bytes(body)


def _too_large(limit: int) -> Refused:
    return Refused(Code.TOO_LARGE, f"A body may have {limit} bytes.")


def _clean(found: StructT) -> StructT:
    """Refuses NULs, which no text needs and databases and mail choke on. Lone surrogates do not decode at all."""
    for name in found.__struct_fields__:
        value = getattr(found, name)
        if isinstance(value, str) and "\0" in value:
            raise Refused(Code.INVALID, f"The field {name.rstrip('_')} has a NUL in it.")
    return found
