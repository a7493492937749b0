"""The latest pages of a visitor. Pure."""

from msgspec import Struct
from msgspec.structs import replace

# The dashboard shows twenty. Bounds the record.
MAX_PAGES = 50
# The same address again within this time is a reload or a second tab.
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
    """Inserts a page by its time, newest first. Of a visit that is present only the title changes. The same object when nothing does."""
    position = next((index for index, other in enumerate(pages) if other.at <= page.at), len(pages))
    known = _visit_of(pages, page)
    if known is not None:
        return _retitled(pages, known, page)
    if page.is_blank or position >= MAX_PAGES:
        return pages
    return (*pages[:position], page, *pages[position:])[:MAX_PAGES]


def stored_page(pages: tuple[Page, ...], page: Page) -> Page:
    """The visit of this page in the list, which has the time when it began; the page itself when it is not in the list."""
    known = _visit_of(pages, page)
    return page if known is None else pages[known]


def _visit_of(pages: tuple[Page, ...], page: Page) -> int | None:
    """Index of the visit that the page belongs to: the same begin, or the neighbour in time when the page was loaded again."""
    same = (index for index, other in enumerate(pages) if (other.at, other.url) == (page.at, page.url))
    exact = next(same, None)
    if exact is not None or page.is_blank:
        return exact
    position = next((index for index, other in enumerate(pages) if other.at <= page.at), len(pages))
    around = range(max(0, position - 1), min(position + 1, len(pages)))
    return next((index for index in around if _is_reload(pages[index], page)), None)


def _retitled(pages: tuple[Page, ...], index: int, page: Page) -> tuple[Page, ...]:
    """The newest title of a visit; an older report changes nothing."""
    known = pages[index]
    if page.at < known.at or not page.title or page.title == known.title:
        return pages
    return (*pages[:index], replace(known, title=page.title), *pages[index + 1 :])


def _is_reload(other: Page, page: Page) -> bool:
    return other.url == page.url and abs(page.at - other.at) < SAME_PAGE_MS
