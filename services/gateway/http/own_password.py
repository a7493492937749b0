"""The signed-in agent's own password, asked for again before something that an intruder at an unlocked computer would do."""

from collections.abc import Callable

from kit.codes import Code, Refused
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.passwords import Hashing, Passwords
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.throttle import Rule
from services.gateway.http.problems import too_fast

# The rate of the sign-in, for a guesser at an unlocked computer.
GUESS_RULE = Rule(burst=10, interval_ms=10_000)
# Long enough to end several sessions, and shorter than a break away from the computer.
PROOF_MS = 10 * 60_000


class OwnPassword:
    """Checks the password of a signed-in agent."""

    def __init__(self, store: GatewayStore, passwords: Passwords, clock: Callable[[], int]) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock

    async def check(self, agent: AgentIdentity, password: str, hashing: Hashing) -> None:
        """Refuses a wrong password (wrong_credentials), and too many of them."""
        # By session: an intruder with another session of the agent does not keep the agent from a change.
        key = f"password in session {agent.session_id}"
        wait_ms = await self._store.throttles.take(key, GUESS_RULE, self._clock())
        if wait_ms:
            raise too_fast("Too many wrong passwords", wait_ms)
        record = await self._store.agent(agent.site_key, agent.id)
        if not await hashing.matches(password, record.password_hash if record is not None else None):
            raise Refused(Code.WRONG_CREDENTIALS, "This is not the current password.")
        await self._store.throttles.give_back(key, GUESS_RULE)

    async def prove(self, agent: AgentIdentity, password: str) -> None:
        """Notes in the session that its holder knows the password now."""
        with self._passwords.slot(agent.id) as hashing:
            await self.check(agent, password, hashing)
        await self._store.prove_session(agent.session_id, self._clock())

    def require_proof(self, agent: AgentIdentity) -> None:
        """Refuses a session whose sign-in or last proof is older than PROOF_MS (proof_needed)."""
        if self._clock() - agent.proven_at_ms >= PROOF_MS:
            raise Refused(Code.PROOF_NEEDED, "Send your password to POST /api/v1/me/proof, then repeat this request.")
