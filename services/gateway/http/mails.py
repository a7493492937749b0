"""Sends mails through tickets. A mail that cannot be sent is a result, so that no request fails for it."""

from collections.abc import Callable
from typing import Literal, get_args

import msgspec
from palique.tickets.v1 import mail_pb2

from kit.codes import Refused
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.throttle import Rule
from services.gateway.backends import MailPool
from services.gateway.http.invitation_mail import MailText

# Mails of a site: a team is invited at once, and a stolen session floods no mailbox.
SITE_RULE = Rule(burst=30, interval_ms=60_000)
# A test mail waits for the mail server. Half of it is longer than tickets' own bound, so that no second replica sends it again.
TEST_TIMEOUT_S = 20.0

MailState = Literal["off", "sent", "queued", "refused", "expired", "later", "unavailable", "too_many"]
MailFault = Literal["", "connection", "tls", "sign_in", "reply"]


class MailResult(msgspec.Struct, frozen=True):
    """`off`: mail is not configured. `queued`: another try follows. `later`: not sent, and no other try follows. `fault` is the step of the last
    try that failed, `answer` what the mail server said.
    """

    state: MailState
    fault: MailFault = ""
    answer: str = ""


class Mails:
    """Mails to agents of a site."""

    def __init__(
        self, mail: MailPool, store: GatewayStore, *, new_id: Callable[[], str], clock: Callable[[], int]
    ) -> None:
        self._mail = mail
        self._store = store
        self._new_id = new_id
        self._clock = clock

    async def send(self, site_key: str, to: str, text: MailText, until_ms: int) -> MailResult:
        """Queues the mail and waits for its first try, some seconds at most."""
        call = mail_pb2.SendMailRequest(
            site=site_key, mail=self._new_id(), content=_content(to, text), until_ms=until_ms
        )
        try:
            if await self._is_limited(site_key):
                return MailResult("too_many")
            answer = await self._mail.call(lambda stub: stub.SendMail, call, key=site_key)
        except Refused:
            return MailResult("unavailable")
        return result_of(answer.result)

    async def test(self, site_key: str, to: str, text: MailText) -> MailResult:
        """One try, without the queue."""
        call = mail_pb2.TestMailRequest(site=site_key, content=_content(to, text))
        if await self._is_limited(site_key):
            return MailResult("too_many")
        answer = await self._mail.call(lambda stub: stub.TestMail, call, key=site_key, timeout_s=TEST_TIMEOUT_S)
        return result_of(answer.result)

    async def status(self, site_key: str) -> mail_pb2.GetMailStatusResponse:
        call = mail_pb2.GetMailStatusRequest(site=site_key)
        return await self._mail.call(lambda stub: stub.GetMailStatus, call, key=site_key)

    async def _is_limited(self, site_key: str) -> bool:
        return bool(await self._store.throttles.take(f"mail {site_key}", SITE_RULE, self._clock()))


def _content(to: str, text: MailText) -> mail_pb2.MailContent:
    return mail_pb2.MailContent(to=to, subject=text.subject, text=text.text, html=text.html)


def result_of(result: mail_pb2.MailResult) -> MailResult:
    """The result for the dashboard; `unavailable` when this version does not know it."""
    # A newer tickets process may know more.
    known = result.state in get_args(MailState) and result.fault in get_args(MailFault)
    return (
        msgspec.convert({"state": result.state, "fault": result.fault, "answer": result.answer}, MailResult)
        if known
        else MailResult("unavailable")
    )
