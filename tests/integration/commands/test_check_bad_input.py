"""`palique check` with settings that are wrong in the ways that happen: each line names the thing and the fix."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from devstack.ports import Ports
from tests.integration.commands.old_broker import old_broker
from tests.support.mail_server import mail_server
from tests.support.palique import palique

# Reserved: no resolver knows it (RFC 6761).
NOWHERE = "nowhere.invalid"
UNRESOLVED = f"names {NOWHERE}, which does not resolve here"


def failed(settings: dict[str, str]) -> dict[str, str]:
    """The sentences of the failed checks, by the first word of their names. `chat at …` keeps the rest of its name."""
    done = palique("check", settings=settings)
    assert done.status == 1, done
    assert "Traceback" not in done.err
    lines = [line.split(maxsplit=2) for line in done.out.splitlines() if line.startswith("FAILED")]
    return {name: text for _, name, text in lines}


def test_names_that_do_not_resolve_are_named_with_their_settings(mongodb_url: str) -> None:
    host = urlsplit(mongodb_url).netloc
    found = failed(
        {
            "PALIQUE_MONGODB_URL": mongodb_url.replace(host, f"{host},{NOWHERE}:27017"),
            "PALIQUE_AMQP_URL": f"amqp://guest:guest@{NOWHERE}/",
            "PALIQUE_CHAT_ADDRESSES": f"{NOWHERE}:50051",
            "PALIQUE_PRESENCE_ADDRESSES": "presence",
            "PALIQUE_RPC_TOKEN": "t" * 40,
        }
    )
    assert found["MongoDB"].startswith(f"PALIQUE_MONGODB_URL {UNRESOLVED}")
    assert found["RabbitMQ"].startswith(f"PALIQUE_AMQP_URL {UNRESOLVED}")
    assert f"PALIQUE_CHAT_ADDRESSES {UNRESOLVED}; correct it, or add the name to DNS" in found["chat"]
    assert "PALIQUE_PRESENCE_ADDRESSES: 'presence' is not host:port" in found["presence"]


def test_another_replica_set_than_that_of_the_url_is_named(mongodb_url: str) -> None:
    address = urlsplit(mongodb_url).netloc.rpartition("@")[2].partition(",")[0]
    found = failed({"PALIQUE_MONGODB_URL": f"mongodb://{address}/?replicaSet=other"})
    assert found["MongoDB"].startswith(f"{address} is a member of the replica set ")
    assert found["MongoDB"].endswith(", but PALIQUE_MONGODB_URL has replicaSet=other; correct one of them")


def test_a_server_that_is_no_member_of_the_set_is_named_with_the_members(mongodb_url: str, tmp_path: Path) -> None:
    host = urlsplit(mongodb_url).netloc
    unused = f"127.0.0.1:{Ports(tmp_path / 'unused.json').port('unused')}"
    found = failed({"PALIQUE_MONGODB_URL": mongodb_url.replace(host, f"{host},{unused}")})
    assert found["MongoDB"].startswith(f"PALIQUE_MONGODB_URL names {unused}, which is no member of the replica set ")
    assert f"write its members: {host}" in found["MongoDB"]


async def test_a_rabbitmq_of_the_wrong_version_is_named_with_the_right_one() -> None:
    async with old_broker("3.9.29") as url:
        found = await asyncio.to_thread(failed, {"PALIQUE_AMQP_URL": url})
    assert found["RabbitMQ"] == (
        "127.0.0.1 of PALIQUE_AMQP_URL has RabbitMQ 3.9.29, which is too old; upgrade it to 3.10 or newer"
    )


@pytest.mark.parametrize(
    ("origin", "sentence"),
    [
        ("https://localhost/desk", "https://localhost/desk has a path; write https://localhost: "),
        ("http://localhost", "http://localhost is http, over which browsers send no session cookie of production; "),
        (f"https://{NOWHERE}", f"PALIQUE_PUBLIC_ORIGINS {UNRESOLVED}, so browsers may not find it; "),
    ],
)
def test_a_public_origin_that_browsers_cannot_use_is_named(origin: str, sentence: str) -> None:
    assert sentence in failed({"PALIQUE_MODE": "production", "PALIQUE_PUBLIC_ORIGINS": origin})["Public"]


async def test_the_mail_server_is_greeted_and_its_faults_are_named() -> None:
    async with mail_server() as server:
        settings = {
            "PALIQUE_MAIL_SERVER": server.address,
            "PALIQUE_MAIL_SENDER": "chat@shop.test",
            "PALIQUE_MAIL_TLS": "none",
        }
        done = await asyncio.to_thread(palique, "check", settings=settings)
        assert (done.status, done.out.split(maxsplit=3)[:3]) == (0, ["ok", "Mail", "server"]), done
        assert (server.tries, server.mails) == (0, [])
        without_tls = await asyncio.to_thread(failed, settings | {"PALIQUE_MAIL_TLS": "starttls"})
        assert "PALIQUE_MAIL_TLS: no TLS with this mail server; correct the mode" in without_tls["Mail"]
    away = await asyncio.to_thread(failed, settings)
    assert "PALIQUE_MAIL_SERVER: the mail server does not answer; correct host and port" in away["Mail"]
    nowhere = await asyncio.to_thread(failed, settings | {"PALIQUE_MAIL_SERVER": f"{NOWHERE}:587"})
    assert f"PALIQUE_MAIL_SERVER {UNRESOLVED}" in nowhere["Mail"]
