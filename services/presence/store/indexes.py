"""Indexes of visitors and agents. Created at the start of every process and by `palique migrate`."""

from pymongo import ASCENDING, DESCENDING, IndexModel

VISITOR_INDEXES = [
    IndexModel(
        [("site", ASCENDING), ("_id", ASCENDING)],
        name="online_by_id",
        partialFilterExpression={"online": {"$exists": True}},
    ),
    IndexModel([("online.leaves_at", ASCENDING)], name="leaving", sparse=True),
    IndexModel([("online.active_at", ASCENDING)], name="active", partialFilterExpression={"online.idle": False}),
    IndexModel([("sockets.live.lease", ASCENDING)], name="leases", sparse=True),
    IndexModel([("site", ASCENDING), ("last_seen", DESCENDING), ("_id", DESCENDING)], name="seen"),
    # Holds visitors with a name or an address only; most have neither.
    IndexModel(
        [("site", ASCENDING), ("words", ASCENDING), ("last_seen", DESCENDING)],
        name="words",
        partialFilterExpression={"words": {"$exists": True}},
    ),
]

AGENT_INDEXES = [
    IndexModel([("site", ASCENDING)], name="site"),
    IndexModel([("leaves_at", ASCENDING)], name="leaving", sparse=True),
    IndexModel([("sockets.live.lease", ASCENDING)], name="leases", sparse=True),
]
