"""Cache of visitors' names, which presence knows. Each message of a visitor carries the name (requirement S-55)."""

import asyncio
import time

from palique.presence.v1.presence_pb2 import GetVisitorRequest

from kit.ids import visitor_label
from services.gateway.backends import PresencePool

# A new name appears on messages after this time at the latest.
TTL_S = 30.0
MAX_NAMES = 20_000
# A message waits this long for the name; then it carries the placeholder.
LOOKUP_TIMEOUT_S = 1.0


class VisitorNameCache:
    """Names by site and visitor. Concurrent callers share one lookup."""

    def __init__(self, presence: PresencePool) -> None:
        self._presence = presence
        self._names: dict[tuple[str, str], tuple[float, asyncio.Task[str]]] = {}

    def cached(self, site_key: str, visitor_id: str) -> str | None:
        """The name, when it is in the cache."""
        at, task = self._names.get((site_key, visitor_id), (0.0, None))
        if task is None or not task.done() or time.monotonic() - at >= TTL_S:
            return None
        return task.result()

    def forget(self, site_key: str, visitor_id: str) -> None:
        """Looks the name up again at the next message: it may have changed."""
        self._names.pop((site_key, visitor_id), None)

    async def get(self, site_key: str, visitor_id: str) -> str:
        """The name; the placeholder when presence does not answer in time. Never raises."""
        now = time.monotonic()
        at, task = self._names.get((site_key, visitor_id), (0.0, None))
        if task is None or now - at >= TTL_S:
            task = asyncio.get_running_loop().create_task(self._look_up(site_key, visitor_id))
            self._names.pop((site_key, visitor_id), None)
            self._names[site_key, visitor_id] = (now, task)
            if len(self._names) > MAX_NAMES:
                del self._names[next(iter(self._names))]
        return await asyncio.shield(task)

    async def _look_up(self, site_key: str, visitor_id: str) -> str:
        request = GetVisitorRequest(site=site_key, visitor=visitor_id)
        try:
            answer = await self._presence.call(
                lambda stub: stub.GetVisitor, request, key=visitor_id, timeout_s=LOOKUP_TIMEOUT_S
            )
        except Exception:  # noqa: BLE001 - a message is neither delayed nor lost because of a name
            return visitor_label(visitor_id)
        return answer.visitor.name or answer.visitor.placeholder or visitor_label(visitor_id)
