"""I-23: which origins a site's rules permit; look-alikes are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.config.origin import parse_origin
from services.gateway.accounts.origins import LOOPBACK, PublicOrigins, allowed, same_origin

LOOK_ALIKES = [
    None,
    "",
    "null",
    "http://127.0.0.1.evil.test",
    "http://localhost.evil.test",
    "http://localhost@evil.test",
    "http://evil.test/http://localhost",
    "http://evil.test#http://localhost",
    "http://127.0.0.1:8080/",
    "http://127.0.0.1:99999999",
    "http://127.0.0.1 ",
    "\thttp://127.0.0.1",
    "http://127.0.0.1\n",
    "http://127.0.0.1,http://evil.test",
    "ftp://127.0.0.1",
    "file://",
    "http://0.0.0.0",
    "http://10.0.0.1",
    "http://[::2]",
    "http://[::1",
    "//127.0.0.1",
    "http://\u217cocalhost",
    "http://" + "a" * 1000,
]


@pytest.mark.parametrize("origin", LOOK_ALIKES)
def test_look_alikes_of_loopback_are_refused(origin: str | None) -> None:
    assert not allowed(origin, [LOOPBACK])


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1", "http://127.0.0.1:8080", "https://localhost:1", "http://[::1]:3000", "HTTP://LocalHost"],
)
def test_every_port_of_this_machine_is_loopback(origin: str) -> None:
    assert allowed(origin, [LOOPBACK])


def test_a_rule_is_one_exact_origin() -> None:
    rules = ["https://shop.example", "http://shop.example:8080"]
    assert allowed("https://shop.example", rules)
    assert allowed("https://shop.example:443", rules)
    assert allowed("http://shop.example:8080", rules)
    for other in (
        "http://shop.example",
        "https://shop.example:8443",
        "https://www.shop.example",
        "https://shop.example.evil.test",
    ):
        assert not allowed(other, rules)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("https://desk.example", "desk.example", True),
        ("https://desk.example", "desk.example:443", True),
        ("https://DESK.example", "desk.EXAMPLE", True),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", False),
        ("http://localhost:8080", "127.0.0.1:8080", False),
        ("https://desk.example.evil.test", "desk.example", False),
        ("null", "desk.example", False),
        (None, "desk.example", False),
        ("https://desk.example", "", False),
        ("https://desk.example", "desk.example/evil", False),
    ],
)
def test_the_dashboard_is_its_own_host_only(origin: str | None, host: str, same: bool) -> None:
    assert same_origin(origin, host) is same


@given(st.text(max_size=40))
def test_no_text_raises_and_only_the_rules_own_origin_is_permitted(text: str) -> None:
    """A client's text is refused, or parses to the rule's origin."""
    if allowed(text, ["https://shop.example"]):
        assert parse_origin(text) == parse_origin("https://shop.example")


def test_a_malformed_rule_permits_no_origin() -> None:
    assert not allowed("null", ["null"])
    assert not allowed(None, ["", "*"])
    assert not allowed("https://shop.example", ["*", "https://*", "shop.example"])


def test_public_origins_serve_their_own_hosts_and_without_any_every_host() -> None:
    public = PublicOrigins(["https://chat.example", "http://localhost:81"])
    for host in ("chat.example", "CHAT.example:443", "localhost:81"):
        assert public.serves(host), host
    for host in ("chat.example:80", "localhost", "chat.example.evil.test", "chat.example/x", "", "*"):
        assert not public.serves(host), host
    assert public.contains("https://chat.example")
    assert not public.contains("http://chat.example:443")
    assert not public.contains(None)
    assert not public.use_https
    assert PublicOrigins(["https://chat.example"]).use_https
    assert PublicOrigins().serves("any.test")
    assert not PublicOrigins().use_https


@given(st.text(max_size=40))
def test_no_host_raises(host: str) -> None:
    if PublicOrigins(["https://chat.example"]).serves(host):
        assert host.lower() in {"chat.example", "chat.example:443", "chat.example:0443", "chat.example:00443"}
