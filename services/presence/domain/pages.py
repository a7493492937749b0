"""The latest pages of a visitor. Pure."""

from msgspec import Struct

# The dashboard shows twenty. Bounds the record.
MAX_PAGES = 50
# The same page again within this time is a reload or a second tab.
SAME_PAGE_MS = 60_000


class Page(Struct, frozen=True, omit_defaults=True):
    """`at` is the time when the visitor opened it."""

    at: int
    url: str = ""
    title: str = ""
    referrer: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.url or self.title)


def with_page(pages: tuple[Page, ...], page: Page) -> tuple[Page, ...]:
    """Inserts a page by its time, newest first. The same object when the page is blank, present, a reload or too old."""
    position = next((index for index, other in enumerate(pages) if other.at <= page.at), len(pages))
    if any(_is_reload(other, page) for other in pages[max(0, position - 1) : position + 1]):
        return pages
    if page.is_blank or page in pages or position >= MAX_PAGES:
        return pages
    return (*pages[:position], page, *pages[position:])[:MAX_PAGES]


def _is_reload(other: Page, page: Page) -> bool:
    return (other.url, other.title) == (page.url, page.title) and abs(page.at - other.at) < SAME_PAGE_MS
