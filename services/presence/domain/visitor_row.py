"""The row of a visitor in the list of online visitors. Pure."""

from msgspec import Struct

from services.presence.domain.pages import Page
from services.presence.domain.visitor import Visitor


class VisitorRow(Struct, frozen=True):
    """What agents see of an online visitor, without `rev`."""

    visitor_id: str
    name: str
    state: str
    region: str
    country: str
    page: Page
    visits: int
    chats: int
    since: int
    device: str
    browser: str
    os: str
    fields_version: int


def row_of(visitor: Visitor) -> VisitorRow | None:
    """None when the visitor is not online."""
    if visitor.online is None:
        return None
    return VisitorRow(
        visitor_id=visitor.id,
        name=visitor.name or visitor.placeholder,
        state=visitor.state,
        region=visitor.origin.region,
        country=visitor.origin.country,
        page=visitor.online.page,
        visits=visitor.visits,
        chats=visitor.chats,
        since=visitor.online.since,
        device=visitor.origin.device,
        browser=visitor.origin.browser,
        os=visitor.origin.os,
        fields_version=visitor.fields_version,
    )
