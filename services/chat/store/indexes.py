"""Indexes of the chat database: the unique ones guarantee invariants, the others serve queries.

`_id` of an entry is its conversation and seq, so the uniqueness of seqs needs no further index.
"""

from pymongo import ASCENDING, DESCENDING, IndexModel

NEWEST_FIRST = [("started_at", DESCENDING), ("_id", DESCENDING)]
ENTRY_INDEXES = [
    # Its prefix finds a client id in any conversation.
    IndexModel(
        [("author.id", ASCENDING), ("client_id", ASCENDING), ("conversation", ASCENDING)],
        name="client_id",
        unique=True,
        partialFilterExpression={"client_id": {"$exists": True}},
    ),
    IndexModel([("at", ASCENDING)], name="outbox", partialFilterExpression={"outbox": True}),
]
CONVERSATION_INDEXES = [
    IndexModel(
        [("site", ASCENDING), ("visitor.id", ASCENDING)],
        name="one_open_a_visitor",
        unique=True,
        partialFilterExpression={"open": True},
    ),
    IndexModel(
        [("site", ASCENDING), ("assignee.id", ASCENDING)],
        name="open_of_agent",
        partialFilterExpression={"open": True},
    ),
    IndexModel([("site", ASCENDING), *NEWEST_FIRST], name="newest"),
    IndexModel([("site", ASCENDING), ("status", ASCENDING), *NEWEST_FIRST], name="newest_by_status"),
    IndexModel([("site", ASCENDING), ("visitor.id", ASCENDING), *NEWEST_FIRST], name="newest_of_visitor"),
    IndexModel([("site", ASCENDING), ("agents.id", ASCENDING), *NEWEST_FIRST], name="newest_of_agent"),
    IndexModel([("site", ASCENDING), *NEWEST_FIRST], name="newest_flagged", partialFilterExpression={"flagged": True}),
    IndexModel([("site", ASCENDING), ("country", ASCENDING), *NEWEST_FIRST], name="newest_from_country"),
    # One key for each term; a conversation that is not indexed yet has none.
    IndexModel(
        [("site", ASCENDING), ("words", ASCENDING), *NEWEST_FIRST],
        name="newest_with_word",
        partialFilterExpression={"words": {"$exists": True}},
    ),
    IndexModel([("filed", ASCENDING)], name="filed", partialFilterExpression={"open": False}),
]
FEED_INDEXES = [IndexModel([("fact_id", ASCENDING)], name="fact", unique=True)]
