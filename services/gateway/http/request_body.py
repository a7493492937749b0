"""Reads bodies, queries and ids of requests within bounds, and decodes them strictly into structs."""

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from starlette.requests import Request

from kit.codes import Code, Refused
from kit.text.json_depth import MAX_DEPTH, is_too_deep
from services.gateway.http.problems import BadField

StructT = TypeVar("StructT", bound=msgspec.Struct)
# The largest useful body is a note of 4,000 characters.
MAX_BODY = 64 * 1024
# A client that needs longer for so small a body delays it on purpose.
BODY_TIMEOUT_S = 10.0
# Versions count edits; JavaScript represents larger integers inexactly.
Version = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
# Covers the ids of all services.
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)


async def read_json(request: Request, kind: type[StructT]) -> StructT:
    """The body as a struct. Refuses what does not fit (invalid) and what is too long (too_large)."""
    body = await read_bytes(request, MAX_BODY)
    if is_too_deep(body):
        raise Refused(Code.INVALID, f"The body nests more than {MAX_DEPTH} arrays and objects.")
    try:
        body.decode()  # msgspec skips the text of fields that it ignores
        found = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refused(Code.INVALID, f"The body does not fit: {error}.") from None
    except ValueError as error:  # DecodeError, and UnicodeDecodeError for text that is not UTF-8
        raise Refused(Code.INVALID, f"The body is not JSON in UTF-8: {error}.") from None
    return _without_nul(found)


def read_query(request: Request, kind: type[StructT]) -> StructT:
    """The query as a struct. Refuses unknown, repeated and malformed parameters (invalid)."""
    items = request.query_params.multi_items()
    given = dict(items)
    if len(given) != len(items):
        raise Refused(Code.INVALID, "Send each parameter of the query once.")
    try:
        return _without_nul(msgspec.convert(given, kind, strict=False))
    except msgspec.ValidationError as error:
        raise Refused(Code.INVALID, f"The query does not fit: {error}.") from None


def path_id(request: Request, name: str = "id") -> str:
    """The id in the path. Refuses text that no service makes an id of (not_found)."""
    text = str(request.path_params[name])
    if not _ID.fullmatch(text):
        raise Refused(Code.NOT_FOUND, "There is nothing at this address.")
    return text


def checked(field: str, rule: Callable[[str], str], text: str) -> str:
    """The text as the rule normalises it. Turns the rule's ValueError into a refusal that names the field (invalid)."""
    try:
        return rule(text)
    except ValueError as error:
        raise BadField(field, str(error)) from None


async def read_bytes(request: Request, limit: int) -> bytes:
    """The body. Refuses a longer one (too_large), by its declared length before reading where there is one."""
    declared = request.headers.get("content-length", "")
    # The first condition avoids parsing an absurdly long number.
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
        raise Refused(Code.INVALID, f"Send the whole body within {BODY_TIMEOUT_S:.0f} s.") from None
    return bytes(body)


def _too_large(limit: int) -> Refused:
    return Refused(Code.TOO_LARGE, f"Send a body of at most {limit} bytes.")


def _without_nul(found: StructT) -> StructT:
    """Refuses NUL characters, which databases and mail do not store. Lone surrogates fail to decode before this."""
    for name in found.__struct_fields__:
        value = getattr(found, name)
        if isinstance(value, str) and "\0" in value:
            raise Refused(Code.INVALID, f"Remove the NUL character from the field {name.rstrip('_')}.")
    return found
