"""Routes of the mail card of the settings, for administrators: whether mail is configured, and a test mail to their own address."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.store import GatewayStore
from services.gateway.http.auth import SignedIn, require_administrator
from services.gateway.http.invitation_mail import trial_mail
from services.gateway.http.languages import language_for
from services.gateway.http.mails import Mails
from services.gateway.http.problems import Guard, json_response


class MailStatus(msgspec.Struct, frozen=True):
    """`sender` is empty without mail. `waiting`: mails of the site that wait for another try."""

    configured: bool
    sender: str
    waiting: int


class MailRoutes:
    """`/api/v1/mail…`."""

    def __init__(self, mails: Mails, store: GatewayStore) -> None:
        self._mails = mails
        self._store = store

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/mail", {"GET": signed_in(self._read)}),
            guard.route("/api/v1/mail/test", {"POST": signed_in(self._test)}),
        ]

    async def _read(self, _: Request, agent: AgentIdentity) -> Response:
        require_administrator(agent)
        found = await self._mails.status(agent.site_key)
        return json_response(MailStatus(found.configured, found.sender, found.waiting))

    async def _test(self, request: Request, agent: AgentIdentity) -> Response:
        """The address is the session's own, so that a test mail reaches no other person."""
        require_administrator(agent)
        site = await self._store.site(agent.site_key)
        text = trial_mail(language_for(agent.language, request), site.name if site else agent.site_key)
        return json_response(await self._mails.test(agent.site_key, agent.email, text))
