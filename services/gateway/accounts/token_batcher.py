"""Batches lookups of visitors' tokens: many simultaneous connections share a few queries; a single lookup starts at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from kit.batching import Batcher
from services.gateway.accounts.model import VisitorToken

# The time limit of every database statement.
TIMEOUT_S = 8.0


class TokenBatcher:
    """`run` must be running. `read` returns the existing tokens by id."""

    def __init__(self, read: Callable[[Sequence[str]], Awaitable[Mapping[str, VisitorToken]]]) -> None:
        self._read = read
        self._batcher: Batcher[str, VisitorToken | None] = Batcher(self._read_all, timeout_s=TIMEOUT_S)

    def __len__(self) -> int:
        return len(self._batcher)

    async def run(self) -> None:
        """Runs until cancelled."""
        await self._batcher.run()

    async def find(self, token_hash: str) -> VisitorToken | None:
        """Raises Refused while the database does not respond, or while too many lookups wait."""
        return await self._batcher.submit(token_hash)

    async def _read_all(self, tokens: Sequence[str]) -> list[VisitorToken | None]:
        found = await self._read(list(dict.fromkeys(tokens)))
        return [found.get(token) for token in tokens]
