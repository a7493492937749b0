"""`palique migrate` beside a running service, and `palique check` of what is there and what is not."""

from pathlib import Path
from typing import Any

from pymongo import MongoClient

from devstack.ports import Ports
from tests.support.palique import TOKEN, palique, serving


def indexes(url: str, database: str) -> set[str]:
    with MongoClient[dict[str, Any]](url) as client:
        found = client[database]
        return {
            f"{name}.{index}" for name in found.list_collection_names() for index in found[name].index_information()
        }


def test_migrating_makes_what_is_missing_once_beside_a_running_service_and_checking_names_what_is_wrong(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Issue 6: one chat process serves all the while."""
    database = {"PALIQUE_MONGODB_URL": mongodb_url, "PALIQUE_MONGODB_PREFIX": database_prefix}
    chat_settings = {**database, "PALIQUE_AMQP_URL": vhost_url, "PALIQUE_RPC_TOKENS": f"gateway:*:{TOKEN}"}
    with serving("chat", chat_settings, tmp_path) as addresses:
        made_by_chat = indexes(mongodb_url, f"{database_prefix}_chat")
        first = palique("migrate", settings=database)
        assert first.status == 0, first
        assert "nothing new" in first.out.splitlines()[2]
        assert indexes(mongodb_url, f"{database_prefix}_chat") == made_by_chat
        assert all("new: " in line for line in first.out.splitlines()[:2])

        with MongoClient[dict[str, Any]](mongodb_url) as client:
            client[f"{database_prefix}_chat"].entries.drop_index("client_id")
        second = palique("migrate", settings=database)
        assert "chat: 12 indexes, new: entries.client_id" in second.out
        assert second.out.count("nothing new") == 3
        assert indexes(mongodb_url, f"{database_prefix}_chat") == made_by_chat

        there = {
            **database,
            "PALIQUE_AMQP_URL": vhost_url,
            "PALIQUE_RPC_TOKEN": TOKEN,
            "PALIQUE_CHAT_ADDRESSES": addresses["PALIQUE_GRPC_ADDRESS"],
        }
        well = palique("check", settings=there)
        assert (well.status, well.out.count("ok "), "WRONG" in well.out) == (0, 3, False), well

        away = f"127.0.0.1:{Ports(tmp_path / 'away.json').port('away')}"
        ill = palique(
            "check",
            settings={
                **there,
                "PALIQUE_MONGODB_URL": f"mongodb://{away}/?directConnection=true",
                "PALIQUE_AMQP_URL": f"amqp://guest:guest@{away}/",
                "PALIQUE_RPC_TOKEN": "another",
                "PALIQUE_PRESENCE_ADDRESSES": away,
            },
        )
        assert ill.status == 1
        wrong = [line for line in ill.out.splitlines() if line.startswith("WRONG")]
        assert [line.split()[1] for line in wrong] == ["MongoDB", "RabbitMQ", "chat", "presence"]
        assert "does not know PALIQUE_RPC_TOKEN" in wrong[2]
        assert "no answer" in wrong[3]
        assert "4 of 4 are wrong" in ill.err


def test_in_production_an_old_database_and_an_open_one_are_refused(mongodb_url: str) -> None:
    """CVE-2025-14847, and issue 6's default secrets."""
    production = {"PALIQUE_MODE": "production"}
    opened = palique("check", settings={**production, "PALIQUE_MONGODB_URL": mongodb_url})
    assert (opened.status, "PALIQUE_MONGODB_URL will not do" in opened.err) == (1, True)
