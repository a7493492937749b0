"""Selection of processes to kill: only processes that work again, and one member of the database at a time."""

from tests.faults.processes import Process
from tests.faults.random_kills import ripe_victims, service_of
from tests.faults.table import put

NAMES = (
    "gateway-1",
    "gateway-2",
    "chat-1",
    "presence-1",
    "tickets-1",
    "rabbitmq",
    "mongodb",
    "mongodb-2",
    "mongodb-3",
    "epmd",
)


def running(*young: str, without: str = "") -> dict[str, Process]:
    return {name: Process(name, 1, 0.1 if name in young else 100.0) for name in NAMES if name != without}


def test_everything_but_the_brokers_helper_may_be_killed() -> None:
    """Services, the database's members and the broker."""
    assert set(ripe_victims(running())) == set(NAMES) - {"epmd"}


def test_a_process_that_just_restarted_is_not_killed() -> None:
    """A kill counts only when the process was working."""
    assert "chat-1" not in ripe_victims(running("chat-1"))


def test_a_second_member_is_not_killed() -> None:
    """The promise is about any single failure, and a member that catches up is one."""
    for victims in (ripe_victims(running("mongodb-2")), ripe_victims(running(without="mongodb"))):
        assert not [name for name in victims if service_of(name) == "mongodb"]


def test_a_table_goes_between_its_marks() -> None:
    """And leaves the rest of the page, and a later run replaces it."""
    page = "Before\n<!-- cells:begin -->\nold\n<!-- cells:end -->\nAfter\n<!-- random:begin -->\n<!-- random:end -->\n"
    once = put(page, "cells", ["| new |"])
    assert once == page.replace("old", "| new |")
    assert put(once, "cells", ["| new |"]) == once
