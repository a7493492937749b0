"""The pages that a visitor looked at last. Pure."""

from msgspec import Struct

# What the visitor's window shows is twenty; a little more tells a longer story, and bounds the record.
PAGES_KEPT = 50
# The same page again within this time is a reload or a second tab, not a further page.
SAME_PAGE_MS = 60_000


class Page(Struct, frozen=True, omit_defaults=True):
    """`at` is when the visitor came to it, in milliseconds."""

    at: int
    url: str = ""
    title: str = ""
    referrer: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.url or self.title)


def remembered(pages: tuple[Page, ...], page: Page) -> tuple[Page, ...]:
    """`pages`, newest first, with this one where its time puts it; the same object when it is there already or is a reload."""
    place = next((index for index, line in enumerate(pages) if line.at <= page.at), len(pages))
    if any(_is_reload(line, page) for line in pages[max(0, place - 1) : place + 1]):
        return pages
    if page.is_blank or page in pages or place >= PAGES_KEPT:
        return pages
    return (*pages[:place], page, *pages[place:])[:PAGES_KEPT]


def _is_reload(line: Page, page: Page) -> bool:
    return (line.url, line.title) == (page.url, page.title) and abs(page.at - line.at) < SAME_PAGE_MS
