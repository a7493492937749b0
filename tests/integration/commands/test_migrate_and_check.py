"""`palique migrate` beside a running service, and `palique check` with reachable and unreachable backends."""

from pathlib import Path

import pytest
from pymongo import MongoClient

from devstack.ports import Ports
from kit.mongo import Document
from tests.support.palique import TOKEN, palique, serving

pytestmark = pytest.mark.new_databases


def indexes(url: str, database: str) -> set[str]:
    with MongoClient[Document](url) as client:
        found = client[database]
        return {
            f"{name}.{index}" for name in found.list_collection_names() for index in found[name].index_information()
        }


def test_migrate_creates_missing_indexes_once_and_check_lists_failed_backends(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Issue 6: a chat process runs during the whole test."""
    database = {"PALIQUE_MONGODB_URL": mongodb_url, "PALIQUE_MONGODB_PREFIX": database_prefix}
    chat_settings = {**database, "PALIQUE_AMQP_URL": vhost_url, "PALIQUE_RPC_TOKENS": f"gateway:*:{TOKEN}"}
    with serving("chat", chat_settings, tmp_path) as addresses:
        made_by_chat = indexes(mongodb_url, f"{database_prefix}_chat")
        first = palique("migrate", settings=database)
        assert first.status == 0, first
        assert "nothing new" in first.out.splitlines()[2]
        assert indexes(mongodb_url, f"{database_prefix}_chat") == made_by_chat
        assert all("new: " in line for line in first.out.splitlines()[:2])

        with MongoClient[Document](mongodb_url) as client:
            client[f"{database_prefix}_chat"].entries.drop_index("client_id")
        second = palique("migrate", settings=database)
        assert "chat: 13 indexes, new: entries.client_id" in second.out
        assert second.out.count("nothing new") == 3
        assert indexes(mongodb_url, f"{database_prefix}_chat") == made_by_chat

        reachable = {
            **database,
            "PALIQUE_AMQP_URL": vhost_url,
            "PALIQUE_RPC_TOKEN": TOKEN,
            "PALIQUE_CHAT_ADDRESSES": addresses["PALIQUE_GRPC_ADDRESS"],
        }
        passed = palique("check", settings=reachable)
        assert (passed.status, passed.out.count("ok "), "FAILED" in passed.out) == (0, 3, False), passed

        check_lists_what_fails(reachable, f"127.0.0.1:{Ports(tmp_path / 'unused.json').port('unused')}")


def check_lists_what_fails(reachable: dict[str, str], unused: str) -> None:
    failed = palique(
        "check",
        settings={
            **reachable,
            "PALIQUE_MONGODB_URL": f"mongodb://{unused}/?directConnection=true",
            "PALIQUE_AMQP_URL": f"amqp://guest:guest@{unused}/",
            "PALIQUE_RPC_TOKEN": "another",
            "PALIQUE_PRESENCE_ADDRESSES": unused,
        },
    )
    assert failed.status == 1
    lines = [line for line in failed.out.splitlines() if line.startswith("FAILED")]
    assert [line.split()[1] for line in lines] == ["MongoDB", "RabbitMQ", "chat", "presence"]
    assert "does not know PALIQUE_RPC_TOKEN" in lines[2]
    assert "no answer" in lines[3]
    assert "4 of 4 checks failed" in failed.err


def test_production_refuses_a_database_url_without_a_password(mongodb_url: str) -> None:
    """Issue 6: a production process refuses default secrets and a database without authentication."""
    production = {"PALIQUE_MODE": "production"}
    check = palique("check", settings={**production, "PALIQUE_MONGODB_URL": mongodb_url})
    assert (check.status, "PALIQUE_MONGODB_URL will not do" in check.err) == (1, True)
