"""The filters of lists of conversations as MongoDB takes them. Made of checked values only."""

from kit.mongo import Document
from services.chat.ports import Filters, Position

# The words are there to be looked up, not to be read.
BRIEF = {"words": 0}


def list_filter(filters: Filters, after: Position | None) -> Document:
    """What fits the filters, the words aside, after a position."""
    given: Document = {
        "visitor.id": filters.visitor or ({"$in": list(filters.visitors)} if filters.visitors else ""),
        "agents.id": filters.agent,
        "status": filters.status,
        "country": filters.country,
        "flagged": filters.only_flagged,
        "started_at": _times(filters, after),
    }
    query: Document = {"site": filters.site, "head": {"$gt": 0}}
    query.update({field: value for field, value in given.items() if value})
    if after is not None:
        earlier = {"started_at": {"$lt": after.started_at_ms}}
        same = {"started_at": after.started_at_ms, "_id": {"$lt": after.conversation}}
        query["$or"] = [earlier, same]
    return query


def _times(filters: Filters, after: Position | None) -> Document:
    times = {"$gte": filters.from_ms} if filters.from_ms else {}
    if filters.to_ms:
        times["$lt"] = filters.to_ms
    if after is not None:
        # Implied by the other bound of the position, and there for the index.
        times["$lte"] = after.started_at_ms
    return times
