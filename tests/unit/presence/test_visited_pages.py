"""S-29: the pages that a visitor looked at last."""

from hypothesis import given
from hypothesis import strategies as st

from services.presence.domain.pages import PAGES_KEPT, SAME_PAGE_MS, Page, remembered

T = 1_767_225_600_000


def all_of(*pages: Page) -> tuple[Page, ...]:
    found: tuple[Page, ...] = ()
    for page in pages:
        found = remembered(found, page)
    return found


def test_pages_are_newest_first_with_their_times() -> None:
    first, second, third = (
        Page(T, "https://a.example/1"),
        Page(T + 5, "https://a.example/2"),
        Page(T + 9, "https://a.example/1"),
    )
    assert all_of(first, second, third) == (third, second, first)


def test_a_reload_within_a_minute_is_no_further_page_and_after_it_is_one() -> None:
    page = Page(T, "https://a.example/", "Shop")
    reloaded, later = Page(T + SAME_PAGE_MS - 1, page.url, page.title), Page(T + SAME_PAGE_MS, page.url, page.title)
    assert all_of(page, reloaded) == (page,)
    assert all_of(page, later) == (later, page)


def test_a_page_without_address_and_title_is_no_page() -> None:
    assert all_of(Page(T, referrer="https://b.example/")) == ()


@given(st.lists(st.tuples(st.integers(0, 200_000), st.sampled_from("abc")), max_size=120))
def test_the_list_is_bounded_ordered_and_knows_what_it_holds(visits: list[tuple[int, str]]) -> None:
    pages = all_of(*(Page(T + at, f"https://a.example/{name}") for at, name in visits))
    assert len(pages) <= PAGES_KEPT
    assert [page.at for page in pages] == sorted((page.at for page in pages), reverse=True)
    assert all(remembered(pages, page) is pages for page in pages)
