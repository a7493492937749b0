"""Events of a visitor's connections, as gateways report them."""

from services.presence.domain.pages import Page
from services.presence.domain.visitor import (
    Connected,
    Event,
    Navigated,
    Origin,
    Visitor,
    apply_event,
    new_visitor,
)

START = 1_767_225_600_000
CONNECTIONS = ("c1", "c2", "c3")
LEASES = ("g1/1", "g2/1")
URLS = ("https://shop.example/", "https://shop.example/tea", "")


def page(at: int, url: str = URLS[0]) -> Page:
    return Page(at, url, "A page" if url else "")


def connect(connection: str, at: int = START, url: str = URLS[0], lease: str = LEASES[0]) -> Connected:
    return Connected(connection, lease, at, page(at, url), Origin(region="Spain"), at)


def navigate(connection: str, at: int, url: str = URLS[1]) -> Navigated:
    return Navigated(connection, at, page(at, url), at)


def after(*events: Event, now: int = START, visitor: Visitor | None = None) -> Visitor:
    found = visitor or new_visitor("acme", "v1", START)
    for event in events:
        found = apply_event(found, event, now)
    return found
