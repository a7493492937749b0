"""The sentence for an address at which browsers cannot use Palique."""

import pytest

from kit.config.origin import public_origin_fault


@pytest.mark.parametrize(
    "good", ["https://chat.example.com", "https://chat.example.com:8443", "HTTPS://Chat.Example", "https://[::1]"]
)
def test_an_https_origin_has_no_fault(good: str) -> None:
    assert public_origin_fault(good, secure_cookies=True) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "https://chat.example.com/desk",
            "https://chat.example.com/desk has a path; write https://chat.example.com: Palique needs the root of a host",
        ),
        ("https://chat.example.com/", "https://chat.example.com/ has a path; write https://chat.example.com: Palique needs the root of a host"),
        ("https://chat.example.com?a=1", "https://chat.example.com?a=1 has a path; write https://chat.example.com: Palique needs the root of a host"),
        ("chat.example.com", "'chat.example.com' is no origin; write one like https://chat.example.com"),
        ("https://münchen.example", "'https://münchen.example' is no origin; write one like https://chat.example.com"),
        (
            "http://chat.example.com:8080",
            (
                "http://chat.example.com:8080 is http, over which browsers send no session cookie of production; "
                "write https://chat.example.com:8080, with a certificate in the proxy"
            ),
        ),
    ],
)  # fmt: skip
def test_the_sentence_names_the_address_and_what_to_write(text: str, sentence: str) -> None:
    assert public_origin_fault(text, secure_cookies=True) == sentence


def test_http_is_fine_where_cookies_need_no_https() -> None:
    assert public_origin_fault("http://127.0.0.1:8080", secure_cookies=False) is None
