"""What a `User-Agent` header tells of the visitor's computer, in words for people (S-28). Never raises: what it cannot tell is `Unknown`."""

from functools import lru_cache
from typing import NamedTuple

import ua_parser

UNKNOWN = "Unknown"
# Real ones have 100 to 300 characters; matching costs time with the length, and the client chooses it.
LONGEST = 512
# A site meets some hundreds of different ones a day; parsing one costs a millisecond, a reconnecting crowd repeats few.
REMEMBERED = 4096

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


@lru_cache(maxsize=REMEMBERED)
def describe(user_agent: str) -> Computer:
    """Browser, operating system and kind of device."""
    text = user_agent[:LONGEST]
    found = ua_parser.parse(text)
    browser = found.user_agent.family if found.user_agent else UNKNOWN
    system = found.os.family if found.os else UNKNOWN
    family = found.device.family if found.device else UNKNOWN
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
