"""Mails of the tickets service, to a real SMTP server on loopback: taken, refused, greylisted, too slow, over TLS, and over a kill."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from palique.tickets.v1 import mail_pb2
from palique.tickets.v1.mail_pb2_grpc import MailServiceStub
from prometheus_client import CollectorRegistry

from kit.config.loader import BadSetting
from kit.ids import new_id, now_ms
from kit.mongo import Collection, connect
from services.tickets.domain.mail import LEASE_MS, MAX_WAITING, WAITS_MS, Content
from services.tickets.settings import MailSettings, Settings
from services.tickets.smtp import SmtpServer
from tests.integration.tickets.service import Service, metadata, running, settings_for
from tests.integration.tickets.test_process import launched, readyz
from tests.support.certificates import write_certificate
from tests.support.eventually import eventually
from tests.support.mail_server import PASSWORD, USER, MailServer, mail_server

SENDER = "Shop chat <chat@shop.test>"
TO = "nora@shop.test"
LINK = "https://desk.test/dashboard/#invitation=very-secret"


class Clock:
    ahead_ms = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_ms


class Mailing:
    """Starts tickets processes on one database, and reads it."""

    def __init__(self, mongodb_url: str, vhost_url: str, prefix: str, folder: Path, mails: Collection) -> None:
        self._common = {"mongodb_url": mongodb_url, "amqp_url": vhost_url, "mongodb_prefix": prefix}
        self._folder = folder
        self.mails = mails
        self.clock = Clock()

    def settings(self, server: MailServer | None, **values: Any) -> Settings:
        mail = {"mail_server": server.address, "mail_sender": SENDER, "mail_tls": "none"} if server else {}
        return settings_for(self._folder, **{**self._common, **mail, **values})

    @asynccontextmanager
    async def process(self, server: MailServer | None, **values: Any) -> AsyncIterator[tuple[Service, Any]]:
        settings = self.settings(server, **values)
        channel = grpc.aio.insecure_channel(settings.grpc_address)
        async with running(settings, now=self.clock) as service, channel:
            yield service, MailServiceStub(channel)


@pytest.fixture
async def mailing(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[Mailing]:
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    yield Mailing(mongodb_url, vhost_url, database_prefix, tmp_path, client[f"{database_prefix}_tickets"]["mails"])
    client.close()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as found:
        yield found


def content(**values: str) -> mail_pb2.MailContent:
    given = {"to": TO, "subject": "Grüße aus Málaga", "text": f"Hola\n\n{LINK}\n", "html": f'<a href="{LINK}">x</a>'}
    return mail_pb2.MailContent(**{**given, **values})


async def send(stub: Any, mail: str = "", token: str = "ours", **values: Any) -> mail_pb2.MailResult:
    request = mail_pb2.SendMailRequest(**{"site": "acme", "mail": mail or new_id(), "content": content(), **values})
    result: mail_pb2.MailResult = (await stub.SendMail(request, metadata=metadata(token), timeout=60)).result
    return result


async def test_a_mail_is_sent_once_with_its_id_and_its_content_is_removed(
    mailing: Mailing, server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = new_id()
    async with mailing.process(server) as (service, stub):
        for _ in range(2):
            result = await send(stub, mail)
            assert (result.state, result.fault, result.answer) == ("sent", "", "250 OK: queued as 4711")
        assert service.metric("palique_mails_total", state="sent") == 1
        status = await stub.GetMailStatus(mail_pb2.GetMailStatusRequest(site="acme"), metadata=metadata(), timeout=5)
        assert (status.configured, status.sender, status.waiting) == (True, "chat@shop.test", 0)
    (message,) = server.mails
    assert server.recipients == [TO]
    assert message["Message-ID"] == f"<{mail}@shop.test>"
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, TO, "Grüße aus Málaga")
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert LINK in plain.get_content()
    assert LINK in html.get_content()
    stored = await mailing.mails.find_one({"_id": mail})
    assert stored is not None
    assert (stored["state"], stored["content"]) == ("sent", None)
    assert "secret" not in str(stored)
    written = "".join(capsys.readouterr())
    assert TO not in written
    assert "secret" not in written


async def test_a_refusal_for_ever_ends_it_with_the_servers_words(mailing: Mailing, server: MailServer) -> None:
    server.recipient_replies = ["550 5.1.1 No such user here"]
    async with mailing.process(server) as (_, stub):
        mail = new_id()
        result = await send(stub, mail)
        assert (result.state, result.fault, result.answer) == ("refused", "reply", "550 5.1.1 No such user here")
        assert (await send(stub, mail)).state == "refused"
    assert (server.tries, server.mails) == (1, [])


async def test_a_greylisted_mail_is_tried_again_after_its_wait(mailing: Mailing, server: MailServer) -> None:
    server.recipient_replies = ["450 4.2.0 Greylisted", "450 4.2.0 Greylisted"]
    async with mailing.process(server) as (service, stub):
        mail = new_id()
        result = await send(stub, mail)
        assert (result.state, result.fault, result.answer) == ("queued", "reply", "450 4.2.0 Greylisted")
        mailing.clock.ahead_ms = WAITS_MS[0] + 1
        await eventually(lambda: server.tries == 2)
        await eventually(lambda: service.metric("palique_mail_oldest_seconds") >= WAITS_MS[0] / 1000)
        assert not server.mails
        mailing.clock.ahead_ms += WAITS_MS[1] + 1
        await eventually(lambda: len(server.mails) == 1)
        await eventually(lambda: service.metric("palique_mails_total", state="sent") == 1)
        assert server.mails[0]["Message-ID"] == f"<{mail}@shop.test>"
        assert (await send(stub, mail)).state == "sent"


async def test_no_try_begins_after_the_end_of_a_link(mailing: Mailing, server: MailServer) -> None:
    server.recipient_replies = ["450 4.2.0 Greylisted"]
    async with mailing.process(server) as (service, stub):
        mail = new_id()
        assert (await send(stub, mail, until_ms=now_ms() + 2 * WAITS_MS[0])).state == "queued"
        mailing.clock.ahead_ms = 3 * WAITS_MS[0]
        await eventually(lambda: service.metric("palique_mails_total", state="expired") == 1)
        assert ((await send(stub, mail)).state, server.mails) == ("expired", [])


async def test_a_mail_of_an_unreachable_server_waits_and_is_sent_by_the_next_process(
    mailing: Mailing, server: MailServer
) -> None:
    mail = new_id()
    async with mailing.process(server, mail_server="127.0.0.1:1") as (_, stub):
        result = await send(stub, mail)
        assert (result.state, result.fault) == ("queued", "connection")
        assert result.answer
    mailing.clock.ahead_ms = WAITS_MS[0] + 1
    async with mailing.process(server):
        await eventually(lambda: len(server.mails) == 1)


async def test_a_slow_server_does_not_hold_the_caller(mailing: Mailing, server: MailServer) -> None:
    server.answering.clear()
    async with mailing.process(server) as (service, stub):
        mail = new_id()
        assert (await send(stub, mail)).state == "queued"
        server.answering.set()
        await eventually(lambda: service.metric("palique_mails_total", state="sent") == 1)
    assert len(server.mails) == 1


async def test_a_server_that_never_answers_ends_the_try_in_time(server: MailServer) -> None:
    server.answering.clear()
    settings = MailSettings("127.0.0.1", server.port, "none", "", "", "", "chat@shop.test", "")
    hurried = SmtpServer(settings, step_s=0.2)
    result = await hurried.deliver(new_id(), now_ms(), Content(TO, "Hello", "Hello", ""))
    assert (result.outcome, result.fault) == ("later", "connection")


async def test_a_killed_process_loses_no_mail_and_may_send_it_twice_with_one_id(
    mailing: Mailing, server: MailServer
) -> None:
    """Kill -9 between the server's acceptance and the write."""
    mail = new_id()
    settings = mailing.settings(server, failpoints="mail.after_send=kill")
    process = await launched(settings)
    try:
        await eventually(lambda: _serves(settings))
        async with grpc.aio.insecure_channel(settings.grpc_address) as channel:
            with pytest.raises(grpc.aio.AioRpcError):
                await send(MailServiceStub(channel), mail)
        assert await asyncio.wait_for(process.wait(), 60) == -9
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
    assert len(server.mails) == 1
    mailing.clock.ahead_ms = LEASE_MS + 1
    async with mailing.process(server) as (service, stub):
        await eventually(lambda: service.metric("palique_mails_total", state="sent") == 1)
        assert (await send(stub, mail)).state == "sent"
    assert [each["Message-ID"] for each in server.mails] == [f"<{mail}@shop.test>"] * 2


@pytest.mark.parametrize(("step", "received"), [("mail.before_send", 1), ("mail.after_send", 2)])
async def test_a_try_that_fails_inside_the_process_is_repeated_after_its_lease(
    mailing: Mailing, server: MailServer, step: str, received: int
) -> None:
    mail = new_id()
    async with mailing.process(server, mode="development", failpoints=f"{step}=errorx1") as (service, stub):
        assert (await send(stub, mail)).state == "queued"
        assert service.metric("palique_failpoints_total", step=step, action="error") == 1
        mailing.clock.ahead_ms = LEASE_MS + 1
        await eventually(lambda: service.metric("palique_mails_total", state="sent") == 1)
    assert [each["Message-ID"] for each in server.mails] == [f"<{mail}@shop.test>"] * received


async def _serves(settings: Settings) -> bool:
    return (await readyz(settings))[0] == 200


async def test_two_processes_send_a_waiting_mail_once(mailing: Mailing, server: MailServer) -> None:
    async with mailing.process(server, mail_server="127.0.0.1:1") as (_, stub):
        for _ in range(5):
            assert (await send(stub)).state == "queued"
    mailing.clock.ahead_ms = WAITS_MS[0] + 1
    async with AsyncExitStack() as stack:
        services = [(await stack.enter_async_context(mailing.process(server)))[0] for _ in range(2)]
        await eventually(lambda: sum(each.metric("palique_mails_total", state="sent") for each in services) == 5)
    assert len({each["Message-ID"] for each in server.mails}) == len(server.mails) == 5


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_tls_needs_a_certificate_of_the_known_authority(mailing: Mailing, tmp_path: Path, mode: str) -> None:
    files = write_certificate(tmp_path / "tls", trustme.CA())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    async with mail_server(tls=context, immediate=mode == "tls") as server:
        secure = {"mail_tls": mode, "mail_user": USER, "mail_password": PASSWORD}
        async with mailing.process(server, **secure, mail_authority=str(files.authority)) as (_, stub):
            assert (await send(stub)).state == "sent"
        async with mailing.process(server, **secure) as (_, stub):
            result = await send(stub)
            assert (result.state, result.fault) == ("queued", "tls")
        wrong = {**secure, "mail_password": "wrong", "mail_authority": str(files.authority)}
        async with mailing.process(server, **wrong) as (_, stub):
            result = await send(stub)
            assert (result.state, result.fault, result.answer[:3]) == ("queued", "sign_in", "535")
        assert len(server.mails) == len(server.signed_in) == 1


async def test_a_server_without_tls_gets_nothing_when_tls_is_required(mailing: Mailing, server: MailServer) -> None:
    async with mailing.process(server, mail_tls="starttls") as (_, stub):
        result = await send(stub)
        assert (result.state, result.fault) == ("queued", "tls")
    assert server.tries == 0


async def test_an_international_address_is_sent_as_such(mailing: Mailing, server: MailServer) -> None:
    async with mailing.process(server) as (_, stub):
        assert (await send(stub, content=content(to="Ana.López@MÜNCHEN.example"))).state == "sent"
    assert server.recipients == ["Ana.López@xn--mnchen-3ya.example"]


async def test_without_a_mail_server_nothing_is_stored(mailing: Mailing) -> None:
    async with mailing.process(None) as (_, stub):
        assert (await send(stub)).state == "off"
        test = mail_pb2.TestMailRequest(site="acme", content=content())
        assert (await stub.TestMail(test, metadata=metadata(), timeout=10)).result.state == "off"
        status = await stub.GetMailStatus(mail_pb2.GetMailStatusRequest(site="acme"), metadata=metadata(), timeout=5)
        assert (status.configured, status.sender) == (False, "")
    assert await mailing.mails.count_documents({}) == 0


async def test_a_test_mail_returns_what_the_server_said_and_is_not_stored(mailing: Mailing, server: MailServer) -> None:
    server.replies = ["250 OK: queued as 1", "554 5.7.1 Relay denied", "451 4.3.0 Later"]
    test = mail_pb2.TestMailRequest(site="acme", content=content())
    async with mailing.process(server) as (_, stub):
        results = [(await stub.TestMail(test, metadata=metadata(), timeout=10)).result for _ in range(3)]
    assert [(each.state, each.answer) for each in results] == [
        ("sent", "250 OK: queued as 1"),
        ("refused", "554 5.7.1 Relay denied"),
        ("later", "451 4.3.0 Later"),
    ]
    assert await mailing.mails.count_documents({}) == 0


async def test_a_full_queue_of_a_site_refuses_more_and_other_sites_go_on(mailing: Mailing, server: MailServer) -> None:
    async with mailing.process(server) as (_, stub):
        await mailing.mails.insert_many(
            [{"_id": new_id(), "site": "acme", "state": "queued", "next_at_ms": 2**60} for _ in range(MAX_WAITING)]
        )
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await send(stub)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (await send(stub, site="other")).state == "sent"


def _bad_requests() -> list[Callable[[], Any]]:
    return [
        lambda: {"mail": "../x"},
        lambda: {"until_ms": -1},
        lambda: {"content": content(to="nobody")},
        lambda: {"content": content(to="a@b.test\r\nBcc: c@d.test")},
        lambda: {"content": content(to="a@b.test,c@d.test")},
        lambda: {"content": content(subject="x\r\nBcc: c@d.test")},
        lambda: {"content": content(subject=" ")},
        lambda: {"content": content(text="")},
        lambda: {"content": content(text="x" * 20_001)},
        lambda: {"content": content(html="x" * 40_001)},
    ]


async def test_bad_fields_are_refused_and_headers_cannot_be_added(mailing: Mailing, server: MailServer) -> None:
    async with mailing.process(server) as (_, stub):
        for bad in _bad_requests():
            values = bad()
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await send(stub, values.pop("mail", new_id()), **values)
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT, values
    assert server.tries == 0


async def test_only_our_own_services_send(mailing: Mailing, server: MailServer) -> None:
    """A partner with a token of the site could else write to anyone in the name of the installation."""
    calls = [
        ("SendMail", mail_pb2.SendMailRequest(site="acme", mail=new_id(), content=content())),
        ("TestMail", mail_pb2.TestMailRequest(site="acme", content=content())),
        ("GetMailStatus", mail_pb2.GetMailStatusRequest(site="acme")),
    ]
    async with mailing.process(server) as (_, stub):
        for name, request in calls:
            for token, code in (
                ("partner", grpc.StatusCode.PERMISSION_DENIED),
                ("unknown", grpc.StatusCode.UNAUTHENTICATED),
            ):
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await getattr(stub, name)(request, metadata=metadata(token), timeout=5)
                assert refused.value.code() is code, (name, token)
    assert server.tries == 0


async def test_an_id_of_another_site_is_refused(mailing: Mailing, server: MailServer) -> None:
    mail = new_id()
    async with mailing.process(server) as (_, stub):
        assert (await send(stub, mail)).state == "sent"
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await send(stub, mail, site="other")
        assert refused.value.code() is grpc.StatusCode.ABORTED
    assert len(server.mails) == 1


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "ca.pem"
    bad.write_text("no certificate")
    settings = MailSettings("127.0.0.1", 1, "tls", "", "", "", "chat@shop.test", str(bad))
    with pytest.raises(BadSetting, match="PALIQUE_MAIL_AUTHORITY"):
        SmtpServer(settings)
