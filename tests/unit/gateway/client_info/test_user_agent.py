"""Requirement S-28: browser and system of a user agent, and arbitrary client input causes no error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.client_info.user_agent import Computer, describe

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1"
TABLET = (
    "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
)
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("user_agent", "computer"),
    [
        (FIREFOX, Computer("Firefox", "Windows", "Desktop")),
        (SAFARI, Computer("Safari", "macOS", "Desktop")),
        (IPHONE, Computer("Mobile Safari", "iOS", "Phone")),
        (IPAD, Computer("Mobile Safari", "iOS", "Tablet")),
        (TABLET, Computer("Chrome", "Android", "Tablet")),
        (PHONE, Computer("Chrome Mobile", "Android", "Phone")),
        (CRAWLER, Computer("Googlebot", "Unknown", "Bot")),
        ("", Computer("Unknown", "Unknown", "Unknown")),
    ],
)
def test_browser_system_and_kind_of_device(user_agent: str, computer: Computer) -> None:
    assert describe(user_agent) == computer


@given(st.text(max_size=100))
def test_no_text_raises(text: str) -> None:
    assert all(describe(text))


def test_a_long_header_is_truncated() -> None:
    assert describe(FIREFOX + "x" * 1_000_000).browser == "Firefox"
