"""Commands that create sites and accounts, on a real database."""

import re
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry

from kit.ids import now_ms
from kit.mongo import connect
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.model import Agent, Session
from services.gateway.accounts.store import GatewayStore
from tests.support.palique import palique

PASSWORD = "correct horse battery"


@pytest.fixture
def settings(mongodb_url: str, database_prefix: str) -> dict[str, str]:
    return {"PALIQUE_MONGODB_URL": mongodb_url, "PALIQUE_MONGODB_PREFIX": database_prefix}


@pytest.fixture
def store(settings: dict[str, str]) -> Iterator[GatewayStore]:
    client = connect(settings["PALIQUE_MONGODB_URL"], app="test", registry=CollectorRegistry())
    yield GatewayStore(client[f"{settings['PALIQUE_MONGODB_PREFIX']}_gateway"])
    client.close()


async def existing_agent(store: GatewayStore, email: str) -> Agent:
    agent = await store.agent_by_email(email)
    assert agent is not None
    return agent


async def test_a_site_and_its_first_administrator_are_created_once(
    settings: dict[str, str], store: GatewayStore
) -> None:
    """Issue 6: an installation needs two commands, and a repeated command changes nothing."""
    site = ("create-site", "shop", "--name", "The shop", "--origin", "https://Shop.example")
    assert palique(*site, settings=settings).status == 0
    again = palique(*site, settings=settings)
    assert (again.status, "there is a site shop already" in again.err) == (1, True)

    kept = await store.site("shop")
    assert kept is not None
    assert (kept.name, kept.enabled, kept.origins) == ("The shop", True, ("https://shop.example",))

    agent = ("create-agent", "Ana@Shop.Example", "--site", "shop", "--name", "Ana", "--administrator")
    made = palique(*agent, "--url", "https://chat.example/", settings=settings)
    link = re.search(r"https://chat.example/dashboard/#invitation=(\S+)", made.out)
    assert link is not None, made
    ana = await existing_agent(store, "ana@shop.example")
    assert (ana.role, ana.password_hash) == ("administrator", "")
    assert await Invitations(store, now_ms).agent(link[1]) == ana

    taken = palique(*agent, settings=settings)
    assert (taken.status, "has an account already" in taken.err) == (1, True)


async def test_a_new_password_ends_the_sessions_of_the_old_one(settings: dict[str, str], store: GatewayStore) -> None:
    """Requirement I-21. The password is read from standard input, never from an argument."""
    palique("create-site", "shop", "--name", "Shop", "--origin", "https://shop.example", settings=settings)
    made = palique(
        "create-agent", "b@shop.example", "--site", "shop", "--name", "B", "--password-stdin",
        settings=settings, stdin=PASSWORD + "\n",
    )  # fmt: skip
    assert made.status == 0, made
    agent = await existing_agent(store, "b@shop.example")
    assert PasswordHasher().verify(agent.password_hash, PASSWORD)

    await store.add_session(Session(id="s", agent_id=agent.id, site_key="shop", expires_at_ms=now_ms() + 60_000))
    reset = palique("reset-password", "B@shop.example", "--password-stdin", settings=settings, stdin=PASSWORD[::-1])
    assert reset.status == 0, reset
    assert await store.sessions_of(agent.id) == []
    assert PasswordHasher().verify((await existing_agent(store, "b@shop.example")).password_hash, PASSWORD[::-1])

    by_link = palique("reset-password", "b@shop.example", settings=settings)
    assert "#invitation=" in by_link.out
    assert (await existing_agent(store, "b@shop.example")).password_hash == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("create-site", "no good", "--name", "x", "--origin", "https://x.example"), "a site key has"),
        (("create-agent", "a@x.example", "--site", "none", "--name", "A"), "there is no site none"),
        (("reset-password", "nobody@x.example"), "there is no account with the e-mail address"),
    ],
)
def test_a_failed_command_prints_one_sentence_and_exits_with_1(
    settings: dict[str, str], arguments: tuple[str, ...], error: str
) -> None:
    outcome = palique(*arguments, settings=settings)
    assert (outcome.status, "Traceback" in outcome.err) == (1, False)
    assert error in outcome.err


async def test_a_command_refuses_a_password_of_the_site_or_the_name(
    settings: dict[str, str], store: GatewayStore
) -> None:
    palique("create-site", "shop", "--name", "The corner", "--origin", "https://shop.example", settings=settings)
    agent = ("create-agent", "b@shop.example", "--site", "shop", "--name", "Berta Blau", "--password-stdin")
    for password in ("The corner 2024", "Berta Blau 99", "password12345"):
        refused = palique(*agent, settings=settings, stdin=password)
        assert (refused.status, "harder to guess" in refused.err, password in refused.err) == (1, True, False), refused
    assert await store.agent_by_email("b@shop.example") is None
