"""A real SMTP server on loopback (aiosmtpd) that keeps what it takes and refuses as the test says."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "palique-mail", "a-long-password-of-the-tests"


class MailServer:
    """`replies` are used up one a mail, at the end of its data; then every mail is taken."""

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.replies: list[str] = []
        self.recipient_replies: list[str] = []
        # Clear: a mail waits before its reply.
        self.answering = asyncio.Event()
        self.answering.set()
        self.tries = 0
        self.signed_in: list[str] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 - named by the library
        self, _: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.recipient_replies:
            self.tries += 1
            return self.recipient_replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.tries += 1
        reply = self.replies.pop(0) if self.replies else "250 OK: queued as 4711"
        if reply.startswith("250"):
            content = cast(bytes, envelope.content)
            self.mails.append(message_from_bytes(content, policy=default))
            self.recipients += envelope.rcpt_tos
        await self.answering.wait()
        return reply

    def sign_in(self, _: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        login = cast(LoginPassword, data)
        good = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
        if good:
            self.signed_in.append(mechanism)
        return AuthResult(success=good, handled=False)


@asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, immediate: bool = False, international: bool = True
) -> AsyncIterator[MailServer]:
    """With `tls` STARTTLS and a sign-in are required; `immediate`: TLS from the first byte. `international`: takes addresses beyond ASCII."""
    found = MailServer()

    def protocol() -> SMTP:
        return SMTP(
            found,
            hostname="mx.test",
            enable_SMTPUTF8=international,
            tls_context=None if immediate else tls,
            require_starttls=tls is not None and not immediate,
            authenticator=found.sign_in if tls else None,
            # The library warns of a required sign-in without its own TLS.
            auth_required=tls is not None and not immediate,
            auth_require_tls=not immediate,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls if immediate else None)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        found.answering.set()
        server.close()
        await server.wait_closed()
