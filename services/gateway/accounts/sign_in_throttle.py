"""The limit of failed sign-ins, aimed at the client that guesses, so that a guesser does not keep the agent out.

A browser that the agent signed in with has a count of its own. Any other client is counted by its network and the e-mail address
together. Two looser rules bound lists of stolen passwords from one network, and guesses at one account from many.
"""

import secrets
from collections.abc import Callable, Sequence

from services.gateway.accounts.identity import SECRET, hash_of
from services.gateway.accounts.model import Agent, Device
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.throttle import Rule

# A successful sign-in gives its takes back, so all rules count failures. A person mistypes a few times in a row.
DEVICE_RULE = Rule(burst=10, interval_ms=10_000)
# One guesser at one account: 8,640 attempts a day.
GUESSER_RULE = Rule(burst=10, interval_ms=10_000)
# An office behind one address mistypes more often; this slows down a list of stolen passwords.
ADDRESS_RULE = Rule(burst=30, interval_ms=2000)
# All guessers at one account. It takes ten networks that guess all the time to use it up, and then known browsers still sign in.
EMAIL_RULE = Rule(burst=100, interval_ms=1000)
# Renewed by each sign-in.
DEVICE_MS = 180 * 24 * 3600 * 1000
# Agents that share a browser, newest first.
MAX_DEVICES = 3

Throttles = Sequence[tuple[str, Rule]]


class SignInThrottle:
    """Counts failed sign-ins and knows devices. `clock` returns milliseconds since 1970."""

    def __init__(self, store: GatewayStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def throttles(self, email: str, agent: Agent | None, network: str, cookie: str) -> Throttles:
        """The throttles of an attempt. The database does the same work for an unknown e-mail address."""
        device = await self._device(agent, cookie)
        if device is not None:
            return [(f"sign-in device {device.id}", DEVICE_RULE)]
        return [
            (f"sign-in guesser {network} {email}", GUESSER_RULE),
            (f"sign-in address {network}", ADDRESS_RULE),
            (f"sign-in e-mail {email}", EMAIL_RULE),
        ]

    async def take(self, throttles: Throttles) -> int:
        """One attempt; 0 when granted, else milliseconds until the next one. A refused attempt is not counted."""
        for number, (key, rule) in enumerate(throttles):
            wait_ms = await self._store.throttles.take(key, rule, self._clock())
            if wait_ms:
                await self.give_back(throttles[:number])
                return wait_ms
        return 0

    async def give_back(self, throttles: Throttles) -> None:
        """Undoes an attempt."""
        for key, rule in throttles:
            await self._store.throttles.give_back(key, rule)

    async def remember(self, agent: Agent, cookie: str) -> str:
        """Makes the browser a device of the agent for DEVICE_MS more; returns the cookie to set."""
        secrets_of_browser = _secrets(cookie)
        device = await self._device(agent, cookie)
        expires_at_ms = self._clock() + DEVICE_MS
        if device is not None:
            await self._store.throttles.put_device(Device(device.id, agent.id, expires_at_ms))
            return ".".join(secrets_of_browser)
        secret = secrets.token_urlsafe(32)
        await self._store.throttles.put_device(Device(hash_of(secret), agent.id, expires_at_ms))
        return ".".join([secret, *secrets_of_browser][:MAX_DEVICES])

    async def _device(self, agent: Agent | None, cookie: str) -> Device | None:
        ids = [hash_of(secret) for secret in _secrets(cookie)]
        now = self._clock()
        for device in await self._store.throttles.devices(ids) if ids else ():
            if agent is not None and device.agent_id == agent.id and device.expires_at_ms > now:
                return device
        return None


def _secrets(cookie: str) -> list[str]:
    """A device cookie has a secret for each agent. Others cannot read an agent from it, nor use it for another agent."""
    return [secret for secret in cookie.split(".") if SECRET.fullmatch(secret)][:MAX_DEVICES]
