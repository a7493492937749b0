"""Measures the cost of search for the write path: `python tools/measure_search.py MONGODB_URL` prints the figures of docs/decisions/0007-search-terms-indexed-after-the-end.md.

Three ways in turn, several rounds, medians: no index over texts, a text index over entries, and words filed once a conversation. Then
the time of a search, newest first, for common and for rare words. Writes to databases of its own, and drops them.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from typing import NamedTuple

from pymongo import ASCENDING, DESCENDING, MongoClient, UpdateOne
from pymongo.database import Database

from kit.mongo import Document

Base = Database[Document]

ROUNDS = 5
CONVERSATIONS = 4000
MESSAGES = 10
BATCH = 250
SITE = "demo"
# A vocabulary whose words come as often as in real talk: the n-th one 1/n of the first.
VOCABULARY = [f"w{number:05d}" for number in range(20_000)]
WEIGHTS = list(accumulate(1 / (number + 1) for number in range(len(VOCABULARY))))
ASKED = {"common": "w00003", "usual": "w00300", "rare": "w09000"}
NEWEST = [("started_at", DESCENDING), ("_id", DESCENDING)]


class Cost(NamedTuple):
    """Wall-clock seconds, and the server's processor time."""

    wall_s: float = 0.0
    server_s: float = 0.0

    def plus(self, base: Base, started: "Cost") -> "Cost":
        """The difference since an earlier reading."""
        now = _reading(base)
        return Cost(self.wall_s + now.wall_s - started.wall_s, self.server_s + now.server_s - started.server_s)


def main(url: str) -> None:
    with MongoClient[Document](url, w="majority", journal=True) as client:
        print("mongod", client.server_info()["version"], "conversations", CONVERSATIONS, "messages each", MESSAGES)
        ways = {"none": _no_index, "text index on entries": _text_index, "words of the conversation": _words}
        inserting: dict[str, list[Cost]] = {name: [] for name in ways}
        filing: list[Cost] = []
        for number in range(ROUNDS):
            for name, prepare in ways.items():
                base = client[f"measure_{number}_{list(ways).index(name)}"]
                client.drop_database(base.name)
                inserted, filed = _written(base, prepare, filing=prepare is _words)
                inserting[name].append(inserted)
                filing += [filed] if filed.wall_s else []
                if number == ROUNDS - 1:
                    _searched(base, name)
                client.drop_database(base.name)
        for name, costs in inserting.items():
            _print_costs(name, costs)
        _print_costs("filing, off the path", filing)


def _print_costs(name: str, costs: list[Cost]) -> None:
    rates = [round(CONVERSATIONS * MESSAGES / cost.wall_s) for cost in costs]
    server_ms = [round(cost.server_s * 1e6 / (CONVERSATIONS * MESSAGES)) for cost in costs]
    print(f"{name}: {statistics.median(server_ms):.0f} ms of the server's processor a 1,000 messages {server_ms},")
    print(f"    {statistics.median(rates):.0f} messages/s {rates}")


def _reading(base: Base) -> Cost:
    info = base.command("serverStatus")["extra_info"]
    return Cost(time.perf_counter(), (info["user_time_us"] + info["system_time_us"]) / 1e6)


def _no_index(base: Base) -> None:
    base.entries.create_index([("author.id", ASCENDING), ("client_id", ASCENDING), ("conversation", ASCENDING)])


def _text_index(base: Base) -> None:
    _no_index(base)
    base.entries.create_index([("site", ASCENDING), ("text", "text")], default_language="none")


def _words(base: Base) -> None:
    _no_index(base)
    base.conversations.create_index(
        [("site", ASCENDING), ("words", ASCENDING), *NEWEST], partialFilterExpression={"words": {"$exists": True}}
    )


def _written(base: Base, prepare: Callable[[Base], None], *, filing: bool) -> tuple[Cost, Cost]:
    """The costs of the inserts, and of the indexing after them."""
    prepare(base)
    dice = random.Random(7)  # noqa: S311 - the same talk in every round, no secret
    texts = [
        [" ".join(dice.choices(VOCABULARY, cum_weights=WEIGHTS, k=12)) for _ in range(MESSAGES)]
        for _ in range(CONVERSATIONS)
    ]
    inserted = filed = Cost()
    for first in range(0, CONVERSATIONS, BATCH):
        chunk = range(first, min(first + BATCH, CONVERSATIONS))
        started = _reading(base)
        for seq in range(MESSAGES):
            base.entries.insert_many([_entry(number, seq, texts[number][seq]) for number in chunk], ordered=False)
        inserted = inserted.plus(base, started)
        if filing:
            started = _reading(base)
            base.conversations.bulk_write([_filed(number, texts[number]) for number in chunk], ordered=False)
            filed = filed.plus(base, started)
    return inserted, filed


def _entry(number: int, seq: int, text: str) -> dict[str, object]:
    return {
        "_id": f"{number:032x}.{seq:09d}",
        "site": SITE,
        "conversation": f"{number:032x}",
        "seq": seq,
        "kind": "message",
        "author": {"kind": "visitor", "id": f"{number % 997:032x}", "name": "Vera"},
        "client_id": f"{number}-{seq}",
        "at": number * 1000 + seq,
        "text": text,
    }


def _filed(number: int, texts: list[str]) -> UpdateOne:
    words = sorted({word for text in texts for word in text.split()})
    fields = {"site": SITE, "started_at": number * 1000, "words": words}
    return UpdateOne({"_id": f"{number:032x}"}, {"$set": fields}, upsert=True)


def _searched(base: Base, name: str) -> None:
    for label, word in ASKED.items():
        if name.startswith("text"):
            print(f"  search, {label}: {_timed(partial(_by_text, base, word)):.1f} ms (text index)")
        elif name.startswith("words"):
            print(f"  search, {label}: {_timed(partial(_by_words, base, word)):.1f} ms (words)")


def _timed(search: Callable[[], object]) -> float:
    taken = []
    for _ in range(20):
        started = time.perf_counter()
        search()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def _by_text(base: Base, word: str) -> object:
    """The newest fifty conversations with the word: the database reads all matches, because they are unsorted."""
    stages: list[dict[str, object]] = [
        {"$match": {"site": SITE, "$text": {"$search": word}}},
        {"$group": {"_id": "$conversation", "at": {"$max": "$at"}}},
        {"$sort": {"at": -1}},
        {"$limit": 50},
    ]
    return list(base.entries.aggregate(stages))


def _by_words(base: Base, word: str) -> object:
    return list(base.conversations.find({"site": SITE, "words": word}, {"words": 0}).sort(NEWEST).limit(50))


if __name__ == "__main__":
    main(sys.argv[1])
