"""What visitors are called now, for lists of what happened when they may have been called otherwise."""

from collections.abc import Iterable

from palique.presence.v1 import presence_pb2

from kit.codes import Refused
from services.gateway.backends import PresencePool

# A list does not wait for names any longer than this: it then shows those of the time.
PATIENCE_S = 1.0


async def names_now(presence: PresencePool, site: str, visitors: Iterable[str]) -> dict[str, str]:
    """By id, as many as can be had; 100 visitors at most. Never raises Refused."""
    wanted = sorted({visitor for visitor in visitors if visitor})
    if not wanted:
        return {}
    call = presence_pb2.NameVisitorsRequest(site=site, visitors=wanted)
    try:
        answer = await presence.call(lambda stub: stub.NameVisitors, call, key=site, timeout_s=PATIENCE_S)
    except Refused:
        return {}
    return dict(answer.names)
