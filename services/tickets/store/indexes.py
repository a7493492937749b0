"""Indexes of tickets and comments. Created at the start of every process and by `palique migrate`."""

from pymongo import ASCENDING, DESCENDING, IndexModel

_IS_SET = {"$gt": ""}

# Unique: (site, number); (site, conversation) and (site, author, client id) where one is set. `store.py` reads the refused index from the
# last field of its key.
TICKET_INDEXES = [
    IndexModel([("site", ASCENDING), ("number", DESCENDING)], unique=True, name="number"),
    IndexModel([("site", ASCENDING), ("status", ASCENDING), ("number", DESCENDING)], name="status"),
    IndexModel([("site", ASCENDING), ("assignee.id", ASCENDING), ("number", DESCENDING)], name="assignee"),
    IndexModel([("site", ASCENDING), ("priority", ASCENDING), ("number", DESCENDING)], name="priority"),
    IndexModel([("site", ASCENDING), ("words", ASCENDING), ("number", DESCENDING)], name="words"),
    IndexModel(
        [("site", ASCENDING), ("conversation", ASCENDING)],
        unique=True,
        name="conversation",
        partialFilterExpression={"conversation": _IS_SET},
    ),
    IndexModel(
        [
            ("site", ASCENDING),
            ("created_by.kind", ASCENDING),
            ("created_by.id", ASCENDING),
            ("client_id", ASCENDING),
        ],
        unique=True,
        name="client_id",
        partialFilterExpression={"client_id": _IS_SET},
    ),
    # Holds unpublished facts only, so it is nearly always empty.
    IndexModel([("facts.at_ms", ASCENDING)], name="facts", partialFilterExpression={"facts.at_ms": {"$gt": 0}}),
]

# Unique: (ticket, author, client id). A comment's id sorts by time, so the index gives the order of a list.
COMMENT_INDEXES = [
    IndexModel([("ticket", ASCENDING), ("_id", DESCENDING)], name="newest"),
    IndexModel(
        [("ticket", ASCENDING), ("author.kind", ASCENDING), ("author.id", ASCENDING), ("client_id", ASCENDING)],
        unique=True,
        name="client_id",
    ),
]

MAIL_INDEXES = [
    # Hold waiting mails only, so they are nearly always empty.
    IndexModel([("next_at_ms", ASCENDING)], name="due", partialFilterExpression={"state": "queued"}),
    IndexModel([("created_at_ms", ASCENDING)], name="oldest", partialFilterExpression={"state": "queued"}),
    IndexModel([("site", ASCENDING)], name="waiting", partialFilterExpression={"state": "queued"}),
    IndexModel([("gone_at", ASCENDING)], name="gone", expireAfterSeconds=0),
]
