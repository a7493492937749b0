"""What an administrator may set of a site, and what of it visitors get. Pure.

A colour is `#rrggbb`; the text on it is never asked for but chosen, black or white, whichever is read better: one of the two has
4.5:1 on every colour (WCAG 1.4.3).
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from services.gateway.accounts.origins import LOOPBACK, parse_origin
from services.gateway.accounts.validation import line

Position = Literal["right", "left"]
# A company has a few shops and their test machines; each rule stands in a header of the widget's frame.
MAX_ORIGINS = 20
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_DEFAULT_PORT = {"http": 80, "https": 443}
_WHITE, _BLACK = "#ffffff", "#000000"


class Colours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the button, the head and the visitor's own words stand on, in the light and the dark theme."""

    light: str = "#0c6b58"
    dark: str = "#1b6a58"


class WidgetTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of the widget in one language; an empty one is the widget's own."""

    title: str = ""
    online: str = ""
    offline: str = ""


# A line in the widget's head, and what fits above the fold of a phone.
MAX_TEXTS = {"title": 60, "online": 300, "offline": 300}


def colour(text: str) -> str:
    """The colour as it is kept; ValueError with a sentence when it is none."""
    found = text.strip().lower()
    if not _COLOUR.fullmatch(found):
        raise ValueError("a colour is written like #0c6b58")
    return found


def text_on(background: str) -> str:
    """White or black, whichever is read better on the colour."""
    return _WHITE if contrast(_WHITE, background) >= contrast(_BLACK, background) else _BLACK


def contrast(one: str, other: str) -> float:
    """From 1 to 21, as WCAG counts it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def origins(rules: Iterable[str]) -> tuple[str, ...]:
    """The rules as they are kept, each once; ValueError with a sentence that names the first bad one."""
    kept = tuple(dict.fromkeys(_origin(rule) for rule in rules))
    if len(kept) > MAX_ORIGINS:
        raise ValueError(f"a site has {MAX_ORIGINS} origins at most")
    return kept


def texts(given: WidgetTexts) -> WidgetTexts:
    """The texts as they are kept; ValueError with a sentence when one is too long."""
    kept: dict[str, str] = {}
    for name, longest in MAX_TEXTS.items():
        try:
            kept[name] = line(getattr(given, name), longest)
        except ValueError as error:
            raise ValueError(f"the text {name}: {error}") from None
    return WidgetTexts(**kept)


def _origin(rule: str) -> str:
    text = rule.strip()
    if text == LOOPBACK:
        return text
    found = parse_origin(text.removesuffix("/"))
    if found is None:
        raise ValueError(f"{text[:100]!r} is no origin; one is written like https://shop.example")
    port = "" if found.port == _DEFAULT_PORT[found.scheme] else f":{found.port}"
    return f"{found.scheme}://{found.host}{port}"


def _luminance(text: str) -> float:
    red, green, blue = (_linear(int(text[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
