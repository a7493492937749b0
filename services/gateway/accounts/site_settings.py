"""Validates a site's settings, and chooses the text colour on its colours. Pure.

A colour is `#rrggbb`. The text on it is black or white, whichever has the higher contrast. One of the two has at least 4.5:1 on
every colour (WCAG 1.4.3).
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from kit.config.origin import DEFAULT_PORTS, parse_origin
from kit.text.search_terms import fold
from services.gateway.accounts.origins import LOOPBACK
from services.gateway.accounts.validation import line

Position = Literal["right", "left"]
# Enough for several shops and test machines; each rule is part of a header of the widget's frame.
MAX_ORIGINS = 20
# Readable in the script tag. Keys of `palique create-site` may be longer.
_MAX_KEY = 40
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_WHITE, _BLACK = "#ffffff", "#000000"


class Colours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Background of the button, the header and the visitor's messages, in the light and the dark theme."""

    light: str = "#0c6b58"
    dark: str = "#1b6a58"


class WidgetTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The site's texts of the widget in one language; an empty one is the widget's own."""

    title: str = ""
    online: str = ""
    offline: str = ""


# One line in the widget's header, and what a phone shows without scrolling.
MAX_TEXTS = {"title": 60, "online": 300, "offline": 300}


def colour(text: str) -> str:
    """The colour in its stored form; ValueError for other text."""
    found = text.strip().lower()
    if not _COLOUR.fullmatch(found):
        raise ValueError("write a colour like #0c6b58")
    return found


def text_on(background: str) -> str:
    """White or black, whichever has the higher contrast."""
    return _WHITE if contrast(_WHITE, background) >= contrast(_BLACK, background) else _BLACK


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def origins(rules: Iterable[str]) -> tuple[str, ...]:
    """The rules in their stored form, without repetition; ValueError names the first bad one."""
    kept = tuple(dict.fromkeys(origin(rule) for rule in rules))
    if len(kept) > MAX_ORIGINS:
        raise ValueError(f"enter at most {MAX_ORIGINS} origins")
    return kept


def first_origin(rule: str, *, https_only: bool) -> str:
    """The rule of a new site in its stored form; ValueError for another text, and for http where `https_only`."""
    kept = origin(rule)
    if https_only and kept.startswith("http://"):
        raise ValueError("use an address with https://, because others can change pages that come over http")
    return kept


def key_of(name: str) -> str:
    """The key of a new site: the Latin letters and digits of its name, else `site`."""
    return "-".join(re.findall("[a-z0-9]+", fold(name)))[:_MAX_KEY].strip("-") or "site"


def texts(given: WidgetTexts) -> WidgetTexts:
    """The texts in their stored form; ValueError for one that is too long."""
    kept: dict[str, str] = {}
    for name, longest in MAX_TEXTS.items():
        try:
            kept[name] = line(getattr(given, name), longest)
        except ValueError as error:
            raise ValueError(f"the text {name}: {error}") from None
    return WidgetTexts(**kept)


def origin(rule: str) -> str:
    """The rule in its stored form; ValueError for another text."""
    text = rule.strip()
    if text == LOOPBACK:
        return text
    found = parse_origin(text.removesuffix("/"))
    if found is None:
        raise ValueError(f"{text[:100]!r} is no origin; write one like https://shop.example")
    port = "" if found.port == DEFAULT_PORTS[found.scheme] else f":{found.port}"
    return f"{found.scheme}://{found.host}{port}"


def _luminance(text: str) -> float:
    red, green, blue = (_linear(int(text[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
