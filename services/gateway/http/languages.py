"""The language of a text for a person: their own, else the one of the browser that asks for it."""

from typing import cast

from starlette.requests import Request

from kit.vocabulary import LANGUAGES, Language


def language_for(chosen: str, request: Request) -> Language:
    """`chosen` may be empty. English where nothing is known."""
    if chosen in LANGUAGES:
        return cast(Language, chosen)
    wanted = request.headers.get("accept-language", "").lower().split(",")
    for part in wanted:
        code = part.split(";")[0].strip().partition("-")[0]
        if code in LANGUAGES:
            return cast(Language, code)
    return "en"
