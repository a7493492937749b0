"""The mail server over SMTP: one connection for each mail, with a deadline for the whole try."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formataddr, formatdate

import aiosmtplib

from kit.config.loader import BadSetting
from services.tickets.domain.mail import ANSWER_LIMIT, Content, Fault, TryResult
from services.tickets.settings import MailSettings

# Shorter than the lease of a mail.
TRY_S = 60.0
STEP_S = 20.0
QUIT_S = 2.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class SmtpServer:
    """Implements `MailServer`. Reads the certificates at construction; BadSetting when the file of the authority is none."""

    def __init__(self, settings: MailSettings, *, try_s: float = TRY_S, step_s: float = STEP_S) -> None:
        self._settings = settings
        self._try_s = try_s
        self._step_s = step_s
        self.sender = settings.sender
        self._domain = self.sender.rpartition("@")[2]
        try:
            self._tls = ssl.create_default_context(cafile=settings.authority or None)
        except (OSError, ssl.SSLError) as error:
            raise BadSetting(f"PALIQUE_MAIL_AUTHORITY cannot be read: {error}") from None

    async def deliver(self, mail_id: str, created_at_ms: int, content: Content) -> TryResult:
        """One try. A time-out after the end of the message leaves open whether the server has it: the result is `later`."""
        message = self._message(mail_id, created_at_ms, content)
        return await self._connected(lambda client: _hand_over(client, message, self.sender, content.to))

    async def greet(self) -> TryResult:
        """Connects and signs in without a mail; sent: the server is ready."""
        return await self._connected(_ready)

    async def _connected(self, use: Callable[[aiosmtplib.SMTP], Awaitable[TryResult]]) -> TryResult:
        client = self._client()
        try:
            async with asyncio.timeout(self._try_s):
                await client.connect()
                return await use(client)
        except aiosmtplib.SMTPAuthenticationError as error:
            return TryResult("later", "sign_in", _answer(error))
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return TryResult("later", _fault(error), _answer(error))
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password or None,
            # Without it the library asks DNS for a name, and blocks the loop meanwhile.
            local_hostname=self._domain,
            timeout=self._step_s,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=self._tls,
        )

    def _message(self, mail_id: str, created_at_ms: int, content: Content) -> EmailMessage:
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = formataddr((self._settings.name, self.sender))
        message["To"] = content.to
        message["Subject"] = content.subject
        message["Date"] = formatdate(created_at_ms / 1000)
        message["Message-ID"] = f"<{mail_id}@{self._domain}>"
        # RFC 3834: other systems do not answer it.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(content.text)
        if content.html:
            message.add_alternative(content.html, subtype="html")
        return message


async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage, sender: str, to: str) -> TryResult:
    try:
        _, said = await client.send_message(message, sender=sender, recipients=[to])
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return _reply(refused.recipients[0])
    except aiosmtplib.SMTPResponseException as refused:
        return _reply(refused)
    except aiosmtplib.SMTPNotSupported as refused:
        # The address has letters outside ASCII, and this server takes none.
        return TryResult("refused", "reply", _answer(refused))
    with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        await client.quit(timeout=QUIT_S)
    return TryResult("sent", "", _one_line(f"250 {said}"))


async def _ready(client: aiosmtplib.SMTP) -> TryResult:
    said = await client.noop()
    return TryResult("sent", "", _one_line(f"{said.code} {said.message}"))


def _reply(error: aiosmtplib.SMTPResponseException) -> TryResult:
    return TryResult("refused" if 500 <= error.code < 600 else "later", "reply", _answer(error))


def _fault(error: Exception) -> Fault:
    causes = (error, error.__cause__, error.__context__)
    # The library has no exception of its own for a server without STARTTLS.
    is_tls = "STARTTLS" in str(error) or any(isinstance(each, ssl.SSLError) for each in causes)
    return "tls" if is_tls else "connection"


def _answer(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _one_line(f"{error.code} {error.message}")
    return _one_line(str(error) or "No answer in time.")


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()[:ANSWER_LIMIT]
