"""Sends the link to set a password to the agent, in the agent's language. The link leads to the page that asked for it."""

from urllib.parse import urlencode

from starlette.requests import Request

from kit.text.email import displayed
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.model import Agent
from services.gateway.accounts.origins import PublicOrigins
from services.gateway.accounts.store import GatewayStore
from services.gateway.http.invitation_mail import Invitee, invitation_mail
from services.gateway.http.languages import language_for
from services.gateway.http.mails import MailResult, Mails


class InvitationMails:
    """`public_origin` is the first of the public origins, empty in development."""

    def __init__(self, mails: Mails, store: GatewayStore, *, public: PublicOrigins, public_origin: str) -> None:
        self._mails = mails
        self._store = store
        self._public = public
        self._public_origin = public_origin

    async def send(
        self, request: Request, caller: AgentIdentity, agent: Agent, token: str, expires_at_ms: int
    ) -> MailResult:
        """What became of the mail. It is not tried after the end of its link."""
        site = await self._store.site(agent.site)
        text = invitation_mail(
            language_for(agent.language or caller.language, request),
            Invitee(agent.name, displayed(agent.email), bool(agent.password_hash)),
            by=caller.name,
            site=site.name if site else agent.site,
            link=f"{self._origin(request)}/dashboard/#{urlencode({'invitation': token})}",
            expires_at_ms=expires_at_ms,
        )
        return await self._mails.send(agent.site, agent.email, text, expires_at_ms)

    def _origin(self, request: Request) -> str:
        """The origin of the page, which is one of ours; of a client without one, the public origin."""
        origin = request.headers.get("origin", "")
        if origin and self._public.contains(origin):
            return origin
        return self._public_origin or f"http://{request.headers.get('host', '')}"
