"""Mails of administrators, through a real tickets process to a real SMTP server: invitations, password links, test mails."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request

from services.gateway.http.languages import language_for
from services.gateway.http.mails import SITE_RULE
from tests.integration.gateway.http_api.answers import ok, problem
from tests.integration.gateway.http_api.http_side import ANA, ORIGIN, HttpSide, running
from tests.integration.gateway.http_api.invited_agents import NEW, PATH, ROOT, accept, agent_of, invite
from tests.integration.gateway.http_api.services_behind import services_behind
from tests.support.mail_server import MailServer, mail_server

SENDER = "chat@shop.test"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as found:
        yield found


@pytest.fixture
async def mailing(
    server: MailServer, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[HttpSide]:
    """The gateway's routes, and tickets with a mail server."""
    mail = {"mail_server": server.address, "mail_sender": SENDER, "mail_tls": "none"}
    async with (
        services_behind(mongodb_url, vhost_url, database_prefix, tmp_path, tickets_settings=mail) as addresses,
        running(mongodb_url, database_prefix, tmp_path, addresses=addresses) as side,
    ):
        await side.add_site("shop")
        await side.add_agent("shop", ROOT, "administrator")
        await side.add_agent("shop", ANA)
        yield side


def text_of(server: MailServer) -> str:
    body = server.mails[-1].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_an_invitation_goes_by_mail_and_its_link_sets_the_password(mailing: HttpSide, server: MailServer) -> None:
    body = await invite(mailing)
    assert body["mail"] == {"state": "sent", "fault": "", "answer": "250 OK: queued as 4711"}
    message = server.mails[0]
    assert (message["To"], message["From"], message["Subject"]) == (
        "nora@shop.test",
        SENDER,
        "Root invites you to Site shop",
    )
    (link,) = [line for line in text_of(server).splitlines() if line.startswith("https://desk.example/dashboard/#")]
    token = link.partition("invitation=")[2]
    assert token == body["invitation"]["token"]
    assert (await accept(mailing, token)).status_code == 204


async def test_a_client_that_names_no_origin_sends_a_link_to_the_public_one(
    mailing: HttpSide, server: MailServer
) -> None:
    async with mailing.signed_in(ROOT) as root:
        del root.headers["origin"]
        ok(await root.post(PATH, json=NEW), 201)
    assert f"{ORIGIN}/dashboard/#invitation=" in text_of(server)


async def test_a_password_link_goes_to_the_agent_in_the_agents_language(mailing: HttpSide, server: MailServer) -> None:
    ana = await agent_of(mailing, ANA)
    await mailing.store.update_agent("shop", ana.id, {"language": "es"})
    async with mailing.signed_in(ROOT) as root:
        body = ok(await root.post(f"{PATH}/{ana.id}/invitation"))
    assert body["mail"]["state"] == "sent"
    assert server.recipients == [ANA]
    assert server.mails[0]["Subject"] == "Elige una contraseña nueva para Site shop"
    assert body["invitation"]["token"] in text_of(server)


async def test_a_refused_mail_leaves_the_link_and_shows_the_servers_words(
    mailing: HttpSide, server: MailServer
) -> None:
    server.recipient_replies = ["550 5.1.1 No such user"]
    body = await invite(mailing)
    assert body["mail"] == {"state": "refused", "fault": "reply", "answer": "550 5.1.1 No such user"}
    assert (await accept(mailing, body["invitation"]["token"])).status_code == 204


async def test_a_greylisted_mail_waits(mailing: HttpSide, server: MailServer) -> None:
    server.recipient_replies = ["450 4.2.0 Greylisted"]
    assert (await invite(mailing))["mail"]["state"] == "queued"
    async with mailing.signed_in(ROOT) as root:
        assert ok(await root.get("/api/v1/mail")) == {"configured": True, "sender": SENDER, "waiting": 1}


async def test_a_test_mail_goes_to_the_own_address_and_returns_the_answer(
    mailing: HttpSide, server: MailServer
) -> None:
    server.replies = ["250 OK: taken", "554 5.7.1 Relay denied"]
    async with mailing.signed_in(ROOT) as root:
        answers = [ok(await root.post("/api/v1/mail/test")) for _ in range(2)]
    assert [(each["state"], each["answer"]) for each in answers] == [
        ("sent", "250 OK: taken"),
        ("refused", "554 5.7.1 Relay denied"),
    ]
    assert server.recipients == [ROOT]


async def test_mails_of_a_site_are_limited(mailing: HttpSide, server: MailServer) -> None:
    mailing.clock.stop()
    async with mailing.signed_in(ROOT) as root:
        states = [ok(await root.post("/api/v1/mail/test"))["state"] for _ in range(SITE_RULE.burst + 1)]
        assert states == ["sent"] * SITE_RULE.burst + ["too_many"]
    assert (await invite(mailing))["mail"]["state"] == "too_many"
    assert len(server.mails) == SITE_RULE.burst


async def test_without_tickets_the_link_is_made_all_the_same(side: HttpSide) -> None:
    body = await invite(side)
    assert (body["mail"]["state"], len(body["invitation"]["token"])) == ("unavailable", 43)
    async with side.signed_in(ROOT) as root:
        status, code = problem(await root.get("/api/v1/mail"))
    assert (status, code) in ((503, "retry"), (503, "unavailable"))


async def test_agents_and_other_pages_send_no_mail(mailing: HttpSide, server: MailServer) -> None:
    async with mailing.signed_in(ANA) as ana:
        assert problem(await ana.post("/api/v1/mail/test")) == (403, "forbidden")
        assert problem(await ana.get("/api/v1/mail")) == (403, "forbidden")
        assert problem(await ana.post(PATH, json=NEW)) == (403, "forbidden")
    async with mailing.signed_in(ROOT) as root:
        foreign = await root.post("/api/v1/mail/test", headers={"origin": "https://evil.example"})
        assert problem(foreign) == (403, "origin_refused")
    assert server.tries == 0


@pytest.mark.parametrize(
    ("chosen", "header", "expected"),
    [("es", "en", "es"), ("", "es-ES,es;q=0.9,en;q=0.8", "es"), ("", "fr, en", "en"), ("", "fr", "en"), ("", "", "en")],
)
def test_the_language_is_the_persons_or_the_browsers(chosen: str, header: str, expected: str) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})
    assert language_for(chosen, request) == expected
