"""Browser, operating system and device of a visitor, from the `User-Agent` header (S-28). Never raises: an unknown part is `Unknown`."""

from functools import lru_cache
from typing import NamedTuple

import ua_parser

UNKNOWN = "Unknown"
# Real headers have 100 to 300 characters. The cost of matching grows with the length, which the client chooses.
MAX_LENGTH = 512
# A site gets some hundreds of different headers a day. Parsing one costs a millisecond; a reconnecting crowd has few different ones.
MAX_CACHED = 4096

DESKTOP = "Desktop"
PHONE = "Phone"
TABLET = "Tablet"
BOT = "Bot"
_DESKTOP_SYSTEMS = frozenset({"Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Debian", "Chrome OS", "FreeBSD"})
_SHOWN_SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}


class Computer(NamedTuple):
    """`device` is one of Desktop, Phone, Tablet, Bot, Unknown."""

    browser: str
    os: str
    device: str


@lru_cache(maxsize=MAX_CACHED)
def describe(user_agent: str) -> Computer:
    """Parses the header; cached."""
    text = user_agent[:MAX_LENGTH]
    parsed = ua_parser.parse(text)
    browser = parsed.user_agent.family if parsed.user_agent else UNKNOWN
    system = parsed.os.family if parsed.os else UNKNOWN
    family = parsed.device.family if parsed.device else UNKNOWN
    return Computer(_known(browser), _SHOWN_SYSTEMS.get(system, _known(system)), _device(text, system, family))


def _known(family: str) -> str:
    return UNKNOWN if family == "Other" else family


def _device(text: str, system: str, family: str) -> str:
    if family == "Spider":
        return BOT
    if family == "iPad" or (system == "Android" and "Mobile" not in text):
        return TABLET
    if system in {"iOS", "Android", "Windows Phone"}:
        return PHONE
    return DESKTOP if system in _DESKTOP_SYSTEMS else UNKNOWN
