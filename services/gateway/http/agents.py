"""The site's agents: everybody sees who there is, administrators invite, change roles and take access away (I-21)."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.times import rfc3339
from kit.vocabulary import AgentRole
from services.gateway.accounts import validation
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.model import Agent, Invitation
from services.gateway.http.auth import SignedIn, require_administrator
from services.gateway.http.photos import photo_url
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.records import AgentRecords, Revocations
from services.gateway.http.request_body import checked, path_id, read_json, read_query


class AgentQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`all`: also those without access, and what only administrators see of each."""

    all: bool = False


class NewAgent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who is invited."""

    email: str
    name: str
    role: AgentRole = "agent"


class AgentPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is absent stays."""

    role: AgentRole | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


class AgentRoutes:
    """`/api/v1/agents…`."""

    def __init__(
        self,
        agents: AgentRecords,
        *,
        invitations: Invitations,
        revocations: Revocations,
        new_id: Callable[[], str],
    ) -> None:
        self._agents = agents
        self._invitations = invitations
        self._revocations = revocations
        self._new_id = new_id

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/agents", {"GET": signed_in(self._list), "POST": signed_in(self._invite)}),
            guard.route("/api/v1/agents/{id}", {"PATCH": signed_in(self._change)}),
            guard.route("/api/v1/agents/{id}/invitation", {"POST": signed_in(self._invite_again)}),
        ]

    async def _list(self, request: Request, agent: AgentIdentity) -> Response:
        if read_query(request, AgentQuery).all:
            require_administrator(agent)
            return json_response({"items": [whole_json(one) for one in await self._agents.everyone(agent.site)]})
        return json_response({"items": [agent_json(one) for one in await self._agents.agents(agent.site)]})

    async def _invite(self, request: Request, by: AgentIdentity) -> Response:
        require_administrator(by)
        body = await read_json(request, NewAgent)
        agent = Agent(
            id=self._new_id(),
            site=by.site,
            email=checked("email", validation.email, body.email),
            name=checked("name", validation.name, body.name),
            role=body.role,
            password_hash="",
        )
        if not await self._agents.add_agent(agent):
            raise Refused(Code.CONFLICT, "This e-mail address has an account already.")
        return await self._invited(agent, 201)

    async def _invite_again(self, request: Request, by: AgentIdentity) -> Response:
        """For who lost the link or forgot the password; what they have goes on working until they take it."""
        require_administrator(by)
        agent = await self._agent(by.site, path_id(request))
        if agent.disabled:
            raise Refused(Code.INVALID, "This agent has no access; give it back first.")
        return await self._invited(agent, 200)

    async def _change(self, request: Request, by: AgentIdentity) -> Response:
        require_administrator(by)
        body = await read_json(request, AgentPatch)
        agent = await self._agent(by.site, path_id(request))
        role = agent.role if body.role is msgspec.UNSET else body.role
        disabled = agent.disabled if body.disabled is msgspec.UNSET else body.disabled
        if not await self._agents.change_access(agent.site, agent.id, role, disabled):
            raise Refused(Code.INVALID, "Somebody must be left who can administer the site.")
        if disabled:
            await self._shut_out(agent)
        elif role != agent.role:
            # Their dashboards connect anew, as what they are now.
            for session in await self._agents.sessions_of(agent.id):
                await self._revocations.announce(agent.site, agent.id, session)
        return json_response(whole_json(msgspec.structs.replace(agent, role=role, disabled=disabled)))

    async def _shut_out(self, agent: Agent) -> None:
        await self._agents.drop_invitations_of(agent.id)
        for session in await self._agents.sessions_of(agent.id):
            await self._agents.drop_session(session)
        await self._revocations.announce(agent.site, agent.id, None)

    async def _agent(self, site: str, agent: str) -> Agent:
        found = await self._agents.agent(site, agent)
        if found is None:
            raise Refused(Code.NOT_FOUND, "There is no such agent.")
        return found

    async def _invited(self, agent: Agent, status: int) -> Response:
        token, invitation = await self._invitations.make(agent)
        return json_response({"agent": whole_json(agent), "invitation": _invitation_json(token, invitation)}, status)


def agent_json(agent: Agent) -> dict[str, Any]:
    """An agent as colleagues see them."""
    return {
        "agent": agent.id,
        "name": agent.name,
        "role": agent.role,
        "photo": photo_url(agent.id, agent.photo),
    }


def whole_json(agent: Agent) -> dict[str, Any]:
    """An agent as administrators see them."""
    access: Literal["disabled", "invited", "active"] = (
        "disabled" if agent.disabled else "active" if agent.password_hash else "invited"
    )
    return {**agent_json(agent), "email": agent.email, "access": access}


def _invitation_json(token: str, invitation: Invitation) -> dict[str, Any]:
    """The one time that the token is shown."""
    return {"token": token, "expires_at": rfc3339(invitation.expires_at_ms)}
