"""The latest pages of a visitor: newest first, bounded, without reloads (requirement S-29)."""

from hypothesis import given
from hypothesis import strategies as st

from services.presence.domain.pages import MAX_PAGES, SAME_PAGE_MS, Page, with_page

T = 1_767_225_600_000


def all_of(*pages: Page) -> tuple[Page, ...]:
    found: tuple[Page, ...] = ()
    for page in pages:
        found = with_page(found, page)
    return found


def test_pages_are_newest_first_with_their_times() -> None:
    first, second, third = (
        Page(T, "https://a.example/1"),
        Page(T + 5, "https://a.example/2"),
        Page(T + 9, "https://a.example/1"),
    )
    assert all_of(first, second, third) == (third, second, first)


def test_the_same_page_counts_again_after_a_minute_only() -> None:
    page = Page(T, "https://a.example/", "Shop")
    reloaded, later = Page(T + SAME_PAGE_MS - 1, page.url, page.title), Page(T + SAME_PAGE_MS, page.url, page.title)
    assert all_of(page, reloaded) == (page,)
    assert all_of(page, later) == (later, page)


def test_the_title_of_a_visit_follows_its_newest_report() -> None:
    early = Page(T, "https://a.example/", "Loading")
    titled, late = Page(T + 500, early.url, "Tea"), Page(T + 100, early.url, "Loading…")
    assert all_of(early, titled) == (Page(T, early.url, "Tea"),)
    assert all_of(titled, late) == (titled,)
    assert all_of(early, Page(T + 500, early.url, "")) == (early,)


def test_a_page_without_address_and_title_is_not_stored() -> None:
    assert all_of(Page(T, referrer="https://b.example/")) == ()


@given(st.lists(st.tuples(st.integers(0, 200_000), st.sampled_from("abc")), max_size=120))
def test_the_list_is_bounded_and_ordered_and_a_stored_page_changes_nothing(visits: list[tuple[int, str]]) -> None:
    pages = all_of(*(Page(T + at, f"https://a.example/{name}") for at, name in visits))
    assert len(pages) <= MAX_PAGES
    assert [page.at for page in pages] == sorted((page.at for page in pages), reverse=True)
    assert all(with_page(pages, page) is pages for page in pages)
