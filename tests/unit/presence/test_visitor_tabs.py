"""The page of a visitor with several tabs is that of the tab in front."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.presence.domain.pages import Page
from services.presence.domain.visitor import (
    IDLE_MS,
    Disconnected,
    Event,
    Navigated,
    Tick,
    Visitor,
    apply_event,
    new_visitor,
)
from tests.unit.presence.visitor_events import CONNECTIONS, START, URLS, after, connect, page


def view(connection: str, at: int, url: str, title: str, *, front: bool) -> Navigated:
    return Navigated(connection, at, Page(at, url, title), at if front else 0)


def shown(visitor: Visitor) -> tuple[str, str]:
    assert visitor.online is not None
    return visitor.online.page.url, visitor.online.page.title


def test_the_page_of_the_tab_in_front_is_shown_and_that_of_a_remaining_tab_after_its_end() -> None:
    tea, cart = "https://shop.example/tea", "https://shop.example/cart"
    first, second = connect("c1", START, tea), connect("c2", START + 1, cart)
    both = after(first, second)
    assert shown(both)[0] == cart
    back = after(view("c1", START + 2_000, tea, "A page", front=True), visitor=both)
    assert shown(back)[0] == tea
    # The tab behind moves on: nothing of it is seen.
    behind = after(view("c2", START + 3_000, f"{cart}/pay", "Pay", front=False), visitor=back)
    assert shown(behind)[0] == tea
    assert shown(after(Disconnected("c1"), now=START + 4_000, visitor=behind)) == (f"{cart}/pay", "Pay")
    assert shown(after(Disconnected("c2"), now=START + 4_000, visitor=both))[0] == tea


def test_a_tab_that_opens_behind_does_not_take_the_place_of_the_one_in_front() -> None:
    behind = replace(connect("c2", START + 5, URLS[1]), front_at=0)
    assert shown(after(connect("c1"), behind))[0] == URLS[0]


def test_a_title_that_follows_its_address_is_one_visit() -> None:
    """pushState, and the title later; the list and the history have the newest title, the time is that of the address."""
    tea = "https://shop.example/tea"
    visitor = after(connect("c1"), view("c1", START + 1_000, tea, "A page", front=True))
    visitor = after(view("c1", START + 1_600, tea, "Tea", front=True), visitor=visitor)
    visitor = after(view("c1", START + 600_000, tea, "(1) Tea", front=False), visitor=visitor)
    assert shown(visitor) == (tea, "(1) Tea")
    assert [(one.at, one.title) for one in visitor.pages] == [(START + 1_000, "(1) Tea"), (START, "A page")]


def test_a_title_that_changes_by_itself_does_not_wake_an_idle_visitor() -> None:
    idle = after(connect("c1"), Tick(), now=START + IDLE_MS)
    blinking = view("c1", START + IDLE_MS + 5, URLS[0], "(2) A page", front=True)
    returned = view("c1", START + IDLE_MS + 9, URLS[0], "(2) A page", front=True)
    assert after(blinking, visitor=idle).state == "idle"
    assert after(blinking, returned, visitor=idle).state == "browsing"


TABS = st.lists(
    st.tuples(st.sampled_from(CONNECTIONS), st.sampled_from(URLS[:2]), st.booleans(), st.booleans()), max_size=20
)


@given(TABS)
def test_the_list_shows_the_live_tab_that_was_in_front_last(steps: list[tuple[str, str, bool, bool]]) -> None:
    visitor, ended = new_visitor("acme", "v1", START), set[str]()
    front_at: dict[str, int] = {}
    urls: dict[str, str] = {}
    for number, (tab, url, front, ends) in enumerate(steps):
        at = START + number * 1_000
        if tab in ended:
            continue
        if ends and tab in urls:
            ended.add(tab)
            del urls[tab], front_at[tab]
            visitor = apply_event(visitor, Disconnected(tab), at)
        else:
            event: Event = Navigated(tab, at, page(at, url), at if front else 0)
            if tab not in urls:
                event = replace(connect(tab, at, url), front_at=at if front else 0)
            visitor = apply_event(visitor, event, at)
            urls[tab], front_at[tab] = url, max(front_at.get(tab, 0), at if front else 0)
        in_front = max(front_at, key=lambda one: front_at[one], default=None)
        if in_front is not None and front_at[in_front]:
            assert shown(visitor)[0] == urls[in_front]
