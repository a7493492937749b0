"""A migration that is killed half-way: the commands name it, and the next run continues where it was."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pymongo import MongoClient

from devstack.folders import ROOT
from kit.mongo import Document
from tests.support.eventually import eventually_sync
from tests.support.palique import COMMAND_S, environment, palique

pytestmark = pytest.mark.new_databases

# Forty batches of 200, with pauses: some seconds.
COUNT = 8000


def test_a_killed_migration_is_named_and_continues(
    mongo_client: MongoClient[Document], mongodb_url: str, database_prefix: str
) -> None:
    database = mongo_client[f"{database_prefix}_presence"]
    database.visitors.insert_many(
        [{"_id": f"shop v{number:05}", "site": "shop", "visitor": f"v{number:05}", "name": "Łukasz", "words": ["old"]}
         for number in range(COUNT)]
    )  # fmt: skip
    settings = {"PALIQUE_MONGODB_URL": mongodb_url, "PALIQUE_MONGODB_PREFIX": database_prefix}
    killed_after = kill_migration(settings, lambda: database.migrations.find_one({"positions": {"$exists": True}}))
    assert killed_after == -signal.SIGKILL

    indexed_before = [{"_id": f"c{number}", "open": False, "filed": 1} for number in range(3)]
    mongo_client[f"{database_prefix}_chat"].conversations.insert_many(indexed_before)
    status = palique("migrate", "--status", settings=settings)
    assert status.status == 0, status
    assert "presence: visitor_terms: about " in status.out
    assert "tickets: ticket_terms is finished" in status.out
    assert "gateway: it has no migrations" in status.out
    assert "chat: conversation_terms: about 3 of 3 documents are left" in status.out
    mongo_client[f"{database_prefix}_chat"].conversations.drop()
    check = palique("check", settings=settings)
    assert (check.status, "the migration visitor_terms: about " in check.out) == (1, True), check
    assert "a running presence process of this version finishes it" in check.out

    # Behind the position, so a migration that began again would change it.
    database.visitors.update_one({"_id": "shop v00000"}, {"$set": {"words": ["untouched"]}})
    assert 0 < database.visitors.count_documents({"words": "old"}) < COUNT
    done = palique("migrate", "presence", settings=settings)
    assert "presence: visitor_terms is finished, it changed " in done.out, done
    assert database.visitors.count_documents({"words": "old"}) == 0
    assert database.visitors.find_one({"words": "untouched"}) is not None
    assert "presence: visitor_terms is finished" in palique("migrate", "--status", settings=settings).out
    assert palique("check", settings=settings).status == 0


def kill_migration(settings: dict[str, str], begun: Callable[[], object]) -> int:
    """Kills `palique migrate presence` as soon as `begun` returns something."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("palique"), "migrate", "presence"], env=environment(settings), cwd=ROOT
    )
    try:
        eventually_sync(begun, COMMAND_S, sentence="the migration has stored a position")
    finally:
        process.kill()
    return process.wait(COMMAND_S)
