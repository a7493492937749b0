"""The gateway's MongoDB store: sites, agents, invitations, photos, sessions, visitors' tokens, throttles.

Filters contain authenticated values only, always text or numbers. Methods return structs. The database removes expired records
within a minute, so readers also check the time.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from pymongo.errors import DuplicateKeyError, PyMongoError

from kit.codes import Code, Refused
from kit.mongo import Collection, Database, Document
from kit.vocabulary import AgentRole
from services.gateway.accounts.first_steps_store import FirstStepsStore
from services.gateway.accounts.model import Agent, AgentChanges, Invitation, Photo, Session, Site, VisitorToken
from services.gateway.accounts.outage import RETRY_MS, refusing_when_down
from services.gateway.accounts.setup_store import SetupStore
from services.gateway.accounts.throttle_store import ThrottleStore

RecordT = TypeVar("RecordT", bound=msgspec.Struct)

# The lists of agents have no paging.
MAX_AGENTS = 1000
# The list of own sessions has no paging.
MAX_SESSIONS = 200
# Attempts of a role change that collides with others of the site.
ROLE_TRIES = 5


class GatewayStore:
    """The gateway's records. Every method raises Refused(retry) while the database does not respond."""

    def __init__(self, database: Database) -> None:
        self._client = database.client
        self._sites: Collection = database["sites"]
        self._agents: Collection = database["agents"]
        self._invitations: Collection = database["invitations"]
        self._photos: Collection = database["photos"]
        self._sessions: Collection = database["sessions"]
        self._visitor_tokens: Collection = database["visitor_tokens"]
        self.throttles = ThrottleStore(database)
        self.setup = SetupStore(database)
        self.first_steps = FirstStepsStore(database)

    @refusing_when_down
    async def ensure_indexes(self) -> None:
        """Idempotent; safe while another version runs."""
        await self._agents.create_index("email", unique=True)
        await self._agents.create_index("site")
        await self._sessions.create_index([("agent", 1), ("created_at_ms", -1)])
        await self._invitations.create_index("agent")
        for collection in (self._sessions, self._invitations, self._visitor_tokens):
            await collection.create_index("expires_at", expireAfterSeconds=0)
        await self.throttles.ensure_indexes()

    @refusing_when_down
    async def site(self, site_key: str) -> Site | None:
        return _record(Site, await self._sites.find_one({"_id": site_key}))

    @refusing_when_down
    async def put_site(self, site: Site) -> None:
        """Adds or replaces a site."""
        await self._sites.replace_one({"_id": site.key}, _document(site), upsert=True)

    @refusing_when_down
    async def add_site(self, site: Site) -> bool:
        """False, without a change, when the key exists."""
        try:
            await self._sites.insert_one(_document(site))
        except DuplicateKeyError:
            return False
        return True

    @refusing_when_down
    async def change_site(self, site: Site, version: int) -> bool:
        """Replaces the site at `version`; False when another change came first."""
        # Sites without a version come from before versions existed; they count as version 0.
        query = {"_id": site.key, "version": version or {"$in": [0, None]}}
        changed = {name: value for name, value in _document(site).items() if name != "_id"}
        return (await self._sites.update_one(query, {"$set": changed})).matched_count == 1

    @refusing_when_down
    async def agent(self, site_key: str, agent_id: str) -> Agent | None:
        return _record(Agent, await self._agents.find_one({"_id": agent_id, "site": site_key}))

    @refusing_when_down
    async def agent_by_email(self, email: str) -> Agent | None:
        """The agent of an address in its comparable form, of any site."""
        return _record(Agent, await self._agents.find_one({"email": email}))

    @refusing_when_down
    async def agents(self, site_key: str) -> list[Agent]:
        """The site's agents with access, sorted by name."""
        found = self._agents.find({"site": site_key, "disabled": False}).sort([("name", 1), ("_id", 1)])
        return [msgspec.convert(document, Agent) for document in await found.to_list(MAX_AGENTS)]

    @refusing_when_down
    async def all_agents(self, site_key: str) -> list[Agent]:
        """The site's agents, also disabled ones, sorted by name."""
        found = self._agents.find({"site": site_key}).sort([("name", 1), ("_id", 1)])
        return [msgspec.convert(document, Agent) for document in await found.to_list(MAX_AGENTS)]

    @refusing_when_down
    async def add_agent(self, agent: Agent) -> bool:
        """False, without a change, when the e-mail address has an account."""
        try:
            await self._agents.insert_one(_document(agent))
        except DuplicateKeyError:
            return False
        return True

    @refusing_when_down
    async def any_enabled(self, emails: tuple[str, ...]) -> bool:
        """True when one of these addresses may sign in."""
        return await self._agents.find_one({"email": {"$in": list(emails)}, "disabled": False}) is not None

    @refusing_when_down
    async def set_disabled(self, agent_id: str, disabled: bool) -> None:
        """A disabled agent is signed out when a gateway next checks the session."""
        await self._agents.update_one({"_id": agent_id}, {"$set": {"disabled": disabled}})

    @refusing_when_down
    async def update_agent(self, site_key: str, agent_id: str, changes: AgentChanges) -> Agent | None:
        """Changes an agent's own fields; None without such an agent."""
        found = await self._agents.find_one_and_update(
            {"_id": agent_id, "site": site_key}, {"$set": dict(changes)}, return_document=True
        )
        return _record(Agent, found)

    @refusing_when_down
    async def renew_password_hash(self, agent: Agent, password_hash: str) -> None:
        """Replaces the hash of the same password; nothing happens after a change of the password."""
        query = {"_id": agent.id, "password_hash": agent.password_hash}
        await self._agents.update_one(query, {"$set": {"password_hash": password_hash}})

    @refusing_when_down
    async def change_access(self, site_key: str, agent_id: str, role: AgentRole, disabled: bool) -> bool:
        """Sets role and access; False, without a change, when the site would have no administrator."""
        for _ in range(ROLE_TRIES):
            try:
                return await self._change_access(site_key, agent_id, role, disabled)
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
        raise Refused(Code.RETRY, "Other changes of the site's agents collide; try again in a moment.", RETRY_MS)

    async def _change_access(self, site_key: str, agent_id: str, role: AgentRole, disabled: bool) -> bool:
        administrators = {"site": site_key, "role": "administrator", "disabled": False, "password_hash": {"$ne": ""}}
        async with await self._client.start_session() as session, session.start_transaction():
            # Makes concurrent changes of one site conflict, so that two administrators cannot disable each other.
            await self._sites.update_one({"_id": site_key}, {"$inc": {"roster": 1}}, session=session)
            change = {"$set": {"role": role, "disabled": disabled}}
            await self._agents.update_one({"_id": agent_id, "site": site_key}, change, session=session)
            remaining = await self._agents.find_one(administrators, session=session)
            if remaining is None:
                await session.abort_transaction()
            return remaining is not None

    @refusing_when_down
    async def put_invitation(self, invitation: Invitation) -> None:
        """Replaces the agent's earlier invitations."""
        await self._invitations.delete_many({"agent": invitation.agent_id})
        await self._invitations.insert_one(_expiring(invitation, invitation.expires_at_ms))

    @refusing_when_down
    async def invitation(self, invitation_id: str) -> Invitation | None:
        return _record(Invitation, await self._invitations.find_one({"_id": invitation_id}))

    @refusing_when_down
    async def drop_invitation(self, invitation_id: str) -> bool:
        """True for exactly one of concurrent callers."""
        return (await self._invitations.delete_one({"_id": invitation_id})).deleted_count == 1

    @refusing_when_down
    async def drop_invitations_of(self, agent_id: str) -> None:
        await self._invitations.delete_many({"agent": agent_id})

    @refusing_when_down
    async def photo(self, agent_id: str) -> Photo | None:
        found = await self._photos.find_one({"_id": agent_id})
        return None if found is None else Photo(agent_id, found["site"], found["version"], found["image"])

    @refusing_when_down
    async def put_photo(self, photo: Photo) -> None:
        document = {"_id": photo.agent_id, "site": photo.site_key, "version": photo.version, "image": photo.image}
        await self._photos.replace_one({"_id": photo.agent_id}, document, upsert=True)

    @refusing_when_down
    async def drop_photo(self, agent_id: str) -> None:
        await self._photos.delete_one({"_id": agent_id})

    @refusing_when_down
    async def sessions_of(self, agent_id: str) -> list[str]:
        """The ids of the agent's sessions."""
        return [document["_id"] async for document in self._sessions.find({"agent": agent_id}, {"_id": 1})]

    @refusing_when_down
    async def sessions(self, agent_id: str) -> list[Session]:
        """The agent's sessions, newest first; at most MAX_SESSIONS."""
        found = self._sessions.find({"agent": agent_id}).sort("created_at_ms", -1)
        return [msgspec.convert(document, Session) for document in await found.to_list(MAX_SESSIONS)]

    @refusing_when_down
    async def see_session(self, session_id: str, now_ms: int) -> None:
        """Notes that the session is in use."""
        await self._sessions.update_one({"_id": session_id}, {"$max": {"seen_at_ms": now_ms}})

    @refusing_when_down
    async def prove_session(self, session_id: str, now_ms: int) -> None:
        """Notes that the session's holder entered the password again."""
        await self._sessions.update_one({"_id": session_id}, {"$max": {"proven_at_ms": now_ms}})

    @refusing_when_down
    async def session(self, session_id: str) -> Session | None:
        return _record(Session, await self._sessions.find_one({"_id": session_id}))

    @refusing_when_down
    async def add_session(self, session: Session) -> None:
        await self._sessions.insert_one(_expiring(session, session.expires_at_ms))

    @refusing_when_down
    async def drop_session(self, session_id: str) -> None:
        await self._sessions.delete_one({"_id": session_id})

    @refusing_when_down
    async def visitor_token(self, token_hash: str) -> VisitorToken | None:
        return _record(VisitorToken, await self._visitor_tokens.find_one({"_id": token_hash}))

    @refusing_when_down
    async def visitor_tokens(self, token_hashes: Sequence[str]) -> dict[str, VisitorToken]:
        """The existing tokens, by hash."""
        found = await self._visitor_tokens.find({"_id": {"$in": list(token_hashes)}}).to_list(None)
        return {document["_id"]: msgspec.convert(document, VisitorToken) for document in found}

    @refusing_when_down
    async def add_visitor_token(self, token: VisitorToken) -> None:
        await self._visitor_tokens.insert_one(_expiring(token, token.expires_at_ms))

    @refusing_when_down
    async def renew_visitor_token(self, token_hash: str, expires_at_ms: int) -> None:
        times = {"expires_at_ms": expires_at_ms, "expires_at": _date(expires_at_ms)}
        await self._visitor_tokens.update_one({"_id": token_hash}, {"$set": times})

    @refusing_when_down
    async def drop_visitor_token(self, token_hash: str) -> None:
        await self._visitor_tokens.delete_one({"_id": token_hash})


def _record(kind: type[RecordT], document: Document | None) -> RecordT | None:
    return None if document is None else msgspec.convert(document, kind)


def _document(record: msgspec.Struct) -> Document:
    document: Document = msgspec.to_builtins(record)
    return document


def _expiring(record: msgspec.Struct, expires_at_ms: int) -> Document:
    return {**_document(record), "expires_at": _date(expires_at_ms)}


def _date(at_ms: int) -> datetime:
    """The type that the database's expiry index needs."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
