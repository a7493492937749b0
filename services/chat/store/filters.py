"""Builds MongoDB queries from the filters of lists. Takes validated values only."""

from kit.mongo import Document
from services.chat.ports import ListFilters, ListPosition

# Search terms are needed in the index only.
WITHOUT_TERMS = {"words": 0, "seqs": 0}


def list_query(filters: ListFilters, after: ListPosition | None) -> Document:
    """All filters except the search terms, after a position."""
    given: Document = {
        "visitor.id": filters.visitor_id or ({"$in": list(filters.visitor_ids)} if filters.visitor_ids else ""),
        "agents.id": filters.agent_id,
        "status": filters.status,
        "country": filters.country,
        "flagged": filters.only_flagged,
        "started_at": _times(filters, after),
    }
    query: Document = {"site": filters.site, "head": {"$gt": 0}}
    query.update({field: value for field, value in given.items() if value})
    if after is not None:
        earlier = {"started_at": {"$lt": after.started_at_ms}}
        same = {"started_at": after.started_at_ms, "_id": {"$lt": after.conversation_id}}
        query["$or"] = [earlier, same]
    return query


def _times(filters: ListFilters, after: ListPosition | None) -> Document:
    times = {"$gte": filters.from_ms} if filters.from_ms else {}
    if filters.to_ms:
        times["$lt"] = filters.to_ms
    if after is not None:
        # Implied by the position; stated for the index.
        times["$lte"] = after.started_at_ms
    return times
