"""The sentences of `palique check` for brokers and replica sets that do not serve."""

import pytest

from commands.checks import disk
from commands.checks.mongodb import Server, member_fault
from commands.checks.rabbitmq import fault

PRIMARY = {"setName": "rs0", "hosts": ["a:27017", "b:27017"], "primary": "a:27017"}


@pytest.mark.parametrize(
    ("product", "version", "sentence"),
    [
        ("RabbitMQ", "3.10.0", None),
        ("RabbitMQ", "4.1", None),
        ("RabbitMQ", "3.9.29", "has RabbitMQ 3.9.29, which is too old; upgrade it to 3.10 or newer"),
        ("RabbitMQ", "2.8.7", "has RabbitMQ 2.8.7, which is too old; upgrade it to 3.10 or newer"),
        ("RabbitMQ", "?", "has the unknown version ?; use RabbitMQ 3.10 or newer"),
        ("LavinMQ", "2.0.1", "is LavinMQ 2.0.1; use RabbitMQ 3.10 or newer"),
    ],
)
def test_a_broker_of_the_wrong_version_is_named_with_the_right_one(
    product: str, version: str, sentence: str | None
) -> None:
    assert fault(product, version) == sentence


def test_a_good_list_of_members_has_no_fault() -> None:
    assert member_fault([], "rs0", [], PRIMARY) is None
    # An alias of a member, such as a service name.
    assert member_fault([Server("alias:27017", PRIMARY)], "rs0", [], PRIMARY) is None
    assert member_fault([Server("mongos:27017", {"msg": "isdbgrid"})], None, [], {"msg": "isdbgrid"}) is None


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        (
            Server("c:1", {**PRIMARY, "setName": "rs1"}),
            "c:1 is a member of the replica set rs1, but PALIQUE_MONGODB_URL has replicaSet=rs0; correct one of them",
        ),
        (Server("c:1", {"isreplicaset": True}), "c:1 has no replica set yet; run rs.initiate() on it"),
        (Server("c:1", {"msg": "isdbgrid"}), "c:1 is a mongos; remove replicaSet=rs0 from PALIQUE_MONGODB_URL"),
        (
            Server("c:1", {"helloOk": True}),
            "c:1 is no member of a replica set, but PALIQUE_MONGODB_URL has replicaSet=rs0; start it with --replSet rs0",
        ),
        (
            Server("c:1", None, "Connection refused"),
            "PALIQUE_MONGODB_URL: no server answers at c:1; start MongoDB, or correct the list (Connection refused)",
        ),
        (
            Server("a:27017", {"setName": "rs0", "hosts": ["a:27017", "b:27017"]}),
            "the replica set rs0 has no primary; start a majority of its members: a:27017, b:27017",
        ),
        (
            Server("alias:27017", PRIMARY),
            (
                "the replica set rs0 has its primary at a:27017, which does not answer here; "
                "open the network to it, or change the list with rs.reconfig()"
            ),
        ),
    ],
)
def test_without_a_primary_the_answer_of_a_server_names_the_cause(server: Server, sentence: str) -> None:
    assert member_fault([server], "rs0", [], None) == sentence


def test_a_server_that_is_no_member_and_does_not_answer_is_named_beside_a_primary() -> None:
    found = member_fault([Server("old:27017", None, "timed out")], "rs0", [], PRIMARY)
    assert found == (
        "PALIQUE_MONGODB_URL names old:27017, which is no member of the replica set rs0 and does not answer; "
        "write its members: a:27017, b:27017 (timed out)"
    )


def test_a_member_whose_name_does_not_resolve_is_named_with_both_ways_out() -> None:
    assert member_fault([], "rs0", ["b"], PRIMARY) == (
        "the replica set rs0 lists a member as b, which does not resolve here; "
        "add the name to DNS, or change the list with rs.reconfig()"
    )


@pytest.mark.parametrize(
    ("total_mib", "used_mib", "sentence"),
    [
        (10_000, 9_500, None),
        (10_000, 9_501, "MongoDB's disk has 499 of 10000 MiB free, and needs 500; enlarge it, "),
        (10_000, 10_000, "MongoDB's disk has 0 of 10000 MiB free, and needs 500; enlarge it, "),
        # A database without documents, and a server that does not know.
        (0, 0, None),
    ],
)
def test_a_disk_with_too_little_space_is_named_with_the_fix(
    total_mib: int, used_mib: int, sentence: str | None
) -> None:
    mib = 2**20
    found = disk.fault({"fsTotalSize": float(total_mib * mib), "fsUsedSize": float(used_mib * mib)})
    assert found is None if sentence is None else (found or "").startswith(sentence)
    assert disk.fault({}) is None
