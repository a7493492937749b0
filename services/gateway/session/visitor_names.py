"""What visitors are called, as presence knows it: the name goes on each of their messages (S-55)."""

import asyncio
import time

from palique.presence.v1.presence_pb2 import GetVisitorRequest

from kit.ids import visitor_label
from services.gateway.backends import PresencePool

# A new name shows on the messages after it within this time.
REMEMBERED_S = 30.0
MAX_NAMES = 20_000
# A message does not wait for a name any longer than this; it then goes out under the placeholder.
PATIENCE_S = 1.0


class VisitorNameCache:
    """Names by site and visitor, each asked for once at a time."""

    def __init__(self, presence: PresencePool) -> None:
        self._presence = presence
        self._names: dict[tuple[str, str], tuple[float, asyncio.Task[str]]] = {}

    def known(self, site: str, visitor: str) -> str | None:
        """The name if it is at hand."""
        at, task = self._names.get((site, visitor), (0.0, None))
        if task is None or not task.done() or time.monotonic() - at >= REMEMBERED_S:
            return None
        return task.result()

    async def of(self, site: str, visitor: str) -> str:
        """The name; the placeholder when presence does not answer in time. Never raises."""
        now = time.monotonic()
        at, task = self._names.get((site, visitor), (0.0, None))
        if task is None or now - at >= REMEMBERED_S:
            task = asyncio.get_running_loop().create_task(self._ask(site, visitor))
            self._names.pop((site, visitor), None)
            self._names[site, visitor] = (now, task)
            if len(self._names) > MAX_NAMES:
                del self._names[next(iter(self._names))]
        return await asyncio.shield(task)

    async def _ask(self, site: str, visitor: str) -> str:
        request = GetVisitorRequest(site=site, visitor=visitor)
        try:
            answer = await self._presence.call(lambda stub: stub.GetVisitor, request, key=visitor, timeout_s=PATIENCE_S)
        except Exception:  # noqa: BLE001 - a message is never held up, nor lost, for want of a name
            return visitor_label(visitor)
        return answer.visitor.name or answer.visitor.placeholder or visitor_label(visitor)
