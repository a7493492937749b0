"""Routes of the site's agents. All agents list them; administrators invite, change roles and end access (requirement I-21)."""

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.text.email import displayed
from kit.times import rfc3339
from kit.vocabulary import AgentRole
from services.gateway.accounts import validation
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.model import Agent
from services.gateway.accounts.store import GatewayStore
from services.gateway.http.auth import Revocations, SignedIn, require_administrator
from services.gateway.http.invitation_mails import InvitationMails
from services.gateway.http.mails import MailResult
from services.gateway.http.photos import photo_url
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.request_body import checked, path_id, read_json, read_query


class AgentQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`all`: also agents without access, with the fields that only administrators see."""

    all: bool = False


class NewAgent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agent to invite."""

    email: str
    name: str
    role: AgentRole = "agent"


class AgentPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Absent fields do not change."""

    role: AgentRole | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class AgentItem(msgspec.Struct, frozen=True):
    """An agent as other agents see them."""

    agent: str
    name: str
    role: AgentRole
    photo: str | None


class AgentAccount(AgentItem, frozen=True):
    """An agent as administrators see them."""

    email: str
    access: Literal["active", "invited", "disabled"]


class AgentList(msgspec.Struct, frozen=True):
    """The agents with access."""

    items: list[AgentItem]


class AgentAccountList(msgspec.Struct, frozen=True):
    """All agents, for administrators."""

    items: list[AgentAccount]


class InvitationLink(msgspec.Struct, frozen=True):
    """The token of an invitation; no later response contains it."""

    token: str
    expires_at: str


class InvitedAgent(msgspec.Struct, frozen=True):
    """An agent with a new invitation, and what became of the mail with its link."""

    agent: AgentAccount
    invitation: InvitationLink
    mail: MailResult


class AgentRoutes:
    """`/api/v1/agents…`."""

    def __init__(
        self,
        store: GatewayStore,
        *,
        invitations: Invitations,
        mails: InvitationMails,
        revocations: Revocations,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._invitations = invitations
        self._mails = mails
        self._revocations = revocations
        self._new_id = new_id

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/agents", {"GET": signed_in(self._list), "POST": signed_in(self._invite)}),
            guard.route("/api/v1/agents/{id}", {"PATCH": signed_in(self._change)}),
            guard.route("/api/v1/agents/{id}/invitation", {"POST": signed_in(self._invite_again)}),
        ]

    async def _list(self, request: Request, caller: AgentIdentity) -> Response:
        if read_query(request, AgentQuery).all:
            require_administrator(caller)
            accounts = await self._store.all_agents(caller.site_key)
            return json_response(AgentAccountList([account_json(agent) for agent in accounts]))
        agents = await self._store.agents(caller.site_key)
        return json_response(AgentList([agent_json(agent) for agent in agents]))

    async def _invite(self, request: Request, caller: AgentIdentity) -> Response:
        require_administrator(caller)
        body = await read_json(request, NewAgent)
        agent = Agent(
            id=self._new_id(),
            site=caller.site_key,
            email=checked("email", validation.email, body.email),
            name=checked("name", validation.name, body.name),
            role=body.role,
            password_hash="",
        )
        if not await self._store.add_agent(agent):
            raise Refused(Code.CONFLICT, "This e-mail address already has an account. Use another address.")
        return await self._invited(request, caller, agent, 201)

    async def _invite_again(self, request: Request, caller: AgentIdentity) -> Response:
        """Replaces a lost link, or lets an agent choose a new password. The old password and sessions work until then."""
        require_administrator(caller)
        agent = await self._agent(caller.site_key, path_id(request))
        if agent.disabled:
            raise Refused(Code.INVALID, "Give this agent access again first.")
        return await self._invited(request, caller, agent, 200)

    async def _change(self, request: Request, caller: AgentIdentity) -> Response:
        require_administrator(caller)
        body = await read_json(request, AgentPatch)
        agent = await self._agent(caller.site_key, path_id(request))
        role = agent.role if body.role is UNSET else body.role
        disabled = agent.disabled if body.disabled is UNSET else body.disabled
        if not await self._store.change_access(agent.site, agent.id, role, disabled):
            raise Refused(Code.INVALID, "The site needs an administrator. Make another agent administrator first.")
        if disabled:
            await self._end_access(agent)
        elif role != agent.role:
            # The agent's dashboards reconnect with the new role.
            for session_id in await self._store.sessions_of(agent.id):
                await self._revocations.announce(agent.site, agent.id, session_id)
        return json_response(account_json(msgspec.structs.replace(agent, role=role, disabled=disabled)))

    async def _end_access(self, agent: Agent) -> None:
        await self._store.drop_invitations_of(agent.id)
        for session_id in await self._store.sessions_of(agent.id):
            await self._store.drop_session(session_id)
        await self._revocations.announce(agent.site, agent.id, None)

    async def _agent(self, site_key: str, agent_id: str) -> Agent:
        found = await self._store.agent(site_key, agent_id)
        if found is None:
            raise Refused(Code.NOT_FOUND, "There is no such agent.")
        return found

    async def _invited(self, request: Request, caller: AgentIdentity, agent: Agent, status: int) -> Response:
        token, invitation = await self._invitations.make(agent)
        mail = await self._mails.send(request, caller, agent, token, invitation.expires_at_ms)
        link = InvitationLink(token, rfc3339(invitation.expires_at_ms))
        return json_response(InvitedAgent(account_json(agent), link, mail), status)


def agent_json(agent: Agent) -> AgentItem:
    return AgentItem(agent.id, agent.name, agent.role, photo_url(agent.id, agent.photo))


def account_json(agent: Agent) -> AgentAccount:
    return AgentAccount(
        agent=agent.id,
        name=agent.name,
        role=agent.role,
        photo=photo_url(agent.id, agent.photo),
        email=displayed(agent.email),
        access="disabled" if agent.disabled else "active" if agent.password_hash else "invited",
    )
