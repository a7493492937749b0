"""Visitors' tokens, looked up together: a crowd that comes at once asks the database a few times, and one who comes alone waits for nobody."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from kit.batching import Batcher
from services.gateway.accounts.model import VisitorToken

# As long as any statement may take.
TIMEOUT_S = 8.0


class TokenBatcher:
    """`run` must be running. `read` gives those of the tokens that there are, by id."""

    def __init__(self, read: Callable[[Sequence[str]], Awaitable[Mapping[str, VisitorToken]]]) -> None:
        self._read = read
        self._batcher: Batcher[str, VisitorToken | None] = Batcher(self._read_all, timeout_s=TIMEOUT_S)

    def __len__(self) -> int:
        return len(self._batcher)

    async def run(self) -> None:
        """Until cancelled."""
        await self._batcher.run()

    async def one(self, token: str) -> VisitorToken | None:
        """Refused while the database is away, or too many ask."""
        return await self._batcher.submit(token)

    async def _read_all(self, tokens: Sequence[str]) -> list[VisitorToken | None]:
        found = await self._read(list(dict.fromkeys(tokens)))
        return [found.get(token) for token in tokens]
