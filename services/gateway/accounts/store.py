"""The gateway's database: sites, agents, invitations, photos, sessions, visitors' tokens, throttles. The one file here that knows MongoDB.

Filters are built from proven values only, one field each and always text or numbers; records leave as structs. Expired ones are
removed by the database, and readers check the time themselves, for that takes up to a minute.
"""

from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import msgspec
from pymongo.errors import DuplicateKeyError, PyMongoError

from kit.codes import Code, Refused
from kit.mongo import Collection, Database, Document, outcome_unknown
from kit.vocabulary import AgentRole
from services.gateway.accounts.model import Agent, AgentChanges, Invitation, Photo, Session, Site, VisitorToken
from services.gateway.accounts.throttle import Rule, take

RecordT = TypeVar("RecordT", bound=msgspec.Struct)
ResultT = TypeVar("ResultT")
ParamsT = ParamSpec("ParamsT")

# Losing the race this often means that somebody hammers the same key: refusing is right.
THROTTLE_TRIES = 5
# A site with more agents than this needs paging, and another page than one list.
MAX_AGENTS = 1000
# Changes of a site's roles that meet are done again; more than this at once is no team.
ROLE_TRIES = 5
# A primary is found again within this, usually.
RETRY_MS = 1000


def _answered(
    method: Callable[ParamsT, Coroutine[Any, Any, ResultT]],
) -> Callable[ParamsT, Coroutine[Any, Any, ResultT]]:
    """A database that does not answer is a refusal, `retry`; what else it says is a fault of ours and passes through."""

    @wraps(method)
    async def answered(*args: ParamsT.args, **kwargs: ParamsT.kwargs) -> ResultT:
        try:
            return await method(*args, **kwargs)
        except PyMongoError as error:
            if not outcome_unknown(error):
                raise
            raise Refused(Code.RETRY, "The database does not answer.", RETRY_MS) from error

    return answered


class GatewayStore:
    """Everything durable of the gateway. Every method refuses with `retry` while the database is away."""

    def __init__(self, database: Database) -> None:
        self._client = database.client
        self._sites: Collection = database["sites"]
        self._agents: Collection = database["agents"]
        self._invitations: Collection = database["invitations"]
        self._photos: Collection = database["photos"]
        self._sessions: Collection = database["sessions"]
        self._visitor_tokens: Collection = database["visitor_tokens"]
        self._throttles: Collection = database["throttles"]

    @_answered
    async def ensure_indexes(self) -> None:
        """Idempotent, and safe beside a running version."""
        await self._agents.create_index("email", unique=True)
        await self._agents.create_index("site")
        await self._sessions.create_index("agent")
        await self._invitations.create_index("agent")
        for collection in (self._sessions, self._invitations, self._visitor_tokens, self._throttles):
            await collection.create_index("expires_at", expireAfterSeconds=0)

    @_answered
    async def site(self, key: str) -> Site | None:
        return _record(Site, await self._sites.find_one({"_id": key}))

    @_answered
    async def put_site(self, site: Site) -> None:
        """Writes a site as it is now, new or known."""
        await self._sites.replace_one({"_id": site.key}, _document(site), upsert=True)

    @_answered
    async def add_site(self, site: Site) -> bool:
        """False when there is one of that key; nothing is changed then."""
        try:
            await self._sites.insert_one(_document(site))
        except DuplicateKeyError:
            return False
        return True

    @_answered
    async def change_site(self, site: Site, version: int) -> bool:
        """Writes all of a site over this version of it; False when somebody was first."""
        # Sites made before there were versions have none, which is version 0.
        there = {"_id": site.key, "version": version or {"$in": [0, None]}}
        changed = {name: value for name, value in _document(site).items() if name != "_id"}
        return (await self._sites.update_one(there, {"$set": changed})).matched_count == 1

    @_answered
    async def agent(self, site: str, agent: str) -> Agent | None:
        return _record(Agent, await self._agents.find_one({"_id": agent, "site": site}))

    @_answered
    async def agent_by_email(self, email: str) -> Agent | None:
        """`email` lower-cased."""
        return _record(Agent, await self._agents.find_one({"email": email}))

    @_answered
    async def agents(self, site: str) -> list[Agent]:
        """The site's agents that may sign in, by name."""
        found = self._agents.find({"site": site, "disabled": False}).sort([("name", 1), ("_id", 1)])
        return [msgspec.convert(document, Agent) for document in await found.to_list(MAX_AGENTS)]

    @_answered
    async def everyone(self, site: str) -> list[Agent]:
        """The site's agents, those too that may not sign in, by name."""
        found = self._agents.find({"site": site}).sort([("name", 1), ("_id", 1)])
        return [msgspec.convert(document, Agent) for document in await found.to_list(MAX_AGENTS)]

    @_answered
    async def add_agent(self, agent: Agent) -> bool:
        """False when the e-mail is somebody's already; nothing is changed then."""
        try:
            await self._agents.insert_one(_document(agent))
        except DuplicateKeyError:
            return False
        return True

    @_answered
    async def any_agent_of(self, emails: tuple[str, ...]) -> bool:
        """Whether one of these may sign in."""
        return await self._agents.find_one({"email": {"$in": list(emails)}, "disabled": False}) is not None

    @_answered
    async def set_disabled(self, agent: str, disabled: bool) -> None:
        """A disabled agent is signed out everywhere at the next look at their session."""
        await self._agents.update_one({"_id": agent}, {"$set": {"disabled": disabled}})

    @_answered
    async def update_agent(self, site: str, agent: str, changes: AgentChanges) -> Agent | None:
        """Writes what an agent may change of themselves; None when there is none."""
        found = await self._agents.find_one_and_update(
            {"_id": agent, "site": site}, {"$set": dict(changes)}, return_document=True
        )
        return _record(Agent, found)

    @_answered
    async def change_access(self, site: str, agent: str, role: AgentRole, disabled: bool) -> bool:
        """Sets role and access; False, and nothing changed, when nobody would be left to administer the site."""
        for _ in range(ROLE_TRIES):
            try:
                return await self._change_access(site, agent, role, disabled)
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
        raise Refused(Code.RETRY, "Others change the site's agents at this moment.", RETRY_MS)

    async def _change_access(self, site: str, agent: str, role: AgentRole, disabled: bool) -> bool:
        administrators = {"site": site, "role": "administrator", "disabled": False, "password_hash": {"$ne": ""}}
        async with await self._client.start_session() as session, session.start_transaction():
            # Two administrators who shut each other out both write here, so one of them sees what the other did.
            await self._sites.update_one({"_id": site}, {"$inc": {"roster": 1}}, session=session)
            change = {"$set": {"role": role, "disabled": disabled}}
            await self._agents.update_one({"_id": agent, "site": site}, change, session=session)
            left = await self._agents.find_one(administrators, session=session)
            if left is None:
                await session.abort_transaction()
            return left is not None

    @_answered
    async def put_invitation(self, invitation: Invitation) -> None:
        """The agent's only one from now on."""
        await self._invitations.delete_many({"agent": invitation.agent})
        await self._invitations.insert_one(_expiring(invitation, invitation.expires_at_ms))

    @_answered
    async def invitation(self, invitation: str) -> Invitation | None:
        return _record(Invitation, await self._invitations.find_one({"_id": invitation}))

    @_answered
    async def drop_invitation(self, invitation: str) -> bool:
        """True for the one caller who took it."""
        return (await self._invitations.delete_one({"_id": invitation})).deleted_count == 1

    @_answered
    async def drop_invitations_of(self, agent: str) -> None:
        await self._invitations.delete_many({"agent": agent})

    @_answered
    async def photo(self, agent: str) -> Photo | None:
        found = await self._photos.find_one({"_id": agent})
        return None if found is None else Photo(agent, found["site"], found["version"], found["image"])

    @_answered
    async def put_photo(self, photo: Photo) -> None:
        document = {"_id": photo.agent, "site": photo.site, "version": photo.version, "image": photo.image}
        await self._photos.replace_one({"_id": photo.agent}, document, upsert=True)

    @_answered
    async def drop_photo(self, agent: str) -> None:
        await self._photos.delete_one({"_id": agent})

    @_answered
    async def sessions_of(self, agent: str) -> list[str]:
        """Ids of the agent's sessions."""
        return [document["_id"] async for document in self._sessions.find({"agent": agent}, {"_id": 1})]

    @_answered
    async def session(self, session: str) -> Session | None:
        return _record(Session, await self._sessions.find_one({"_id": session}))

    @_answered
    async def add_session(self, session: Session) -> None:
        await self._sessions.insert_one(_expiring(session, session.expires_at_ms))

    @_answered
    async def drop_session(self, session: str) -> None:
        await self._sessions.delete_one({"_id": session})

    @_answered
    async def visitor_token(self, token: str) -> VisitorToken | None:
        return _record(VisitorToken, await self._visitor_tokens.find_one({"_id": token}))

    @_answered
    async def visitor_tokens(self, tokens: Sequence[str]) -> dict[str, VisitorToken]:
        """Those that there are, by id."""
        found = await self._visitor_tokens.find({"_id": {"$in": list(tokens)}}).to_list(None)
        return {document["_id"]: msgspec.convert(document, VisitorToken) for document in found}

    @_answered
    async def add_visitor_token(self, token: VisitorToken) -> None:
        await self._visitor_tokens.insert_one(_expiring(token, token.expires_at_ms))

    @_answered
    async def renew_visitor_token(self, token: str, expires_at_ms: int) -> None:
        times = {"expires_at_ms": expires_at_ms, "expires_at": _date(expires_at_ms)}
        await self._visitor_tokens.update_one({"_id": token}, {"$set": times})

    @_answered
    async def take(self, key: str, rule: Rule, now_ms: int) -> int:
        """One take from a throttle that all gateways share; 0 when granted, else milliseconds until the next one."""
        for _ in range(THROTTLE_TRIES):
            found = await self._throttles.find_one({"_id": key})
            before: int = found["full_at_ms"] if found else 0
            taken = take(rule, before, now_ms)
            if taken.retry_ms or await self._swap_throttle(key, found is not None, before, taken.full_at_ms):
                return taken.retry_ms
        return rule.interval_ms

    @_answered
    async def give_back(self, key: str, rule: Rule) -> None:
        """Undoes one take."""
        await self._throttles.update_one({"_id": key}, {"$inc": {"full_at_ms": -rule.interval_ms}})

    async def _swap_throttle(self, key: str, there: bool, before: int, after: int) -> bool:
        times = {"full_at_ms": after, "expires_at": _date(after)}
        if there:
            swapped = await self._throttles.update_one({"_id": key, "full_at_ms": before}, {"$set": times})
            return swapped.matched_count == 1
        try:
            await self._throttles.insert_one({"_id": key, **times})
        except DuplicateKeyError:
            return False
        return True


def _record(kind: type[RecordT], document: Document | None) -> RecordT | None:
    return None if document is None else msgspec.convert(document, kind)


def _document(record: msgspec.Struct) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(record)
    return document


def _expiring(record: msgspec.Struct, expires_at_ms: int) -> dict[str, Any]:
    return {**_document(record), "expires_at": _date(expires_at_ms)}


def _date(at_ms: int) -> datetime:
    """What the database's own clock removes records by."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
