"""Current names of visitors, for lists of events at which the visitors may have had other names."""

from collections.abc import Iterable

from palique.presence.v1 import presence_pb2

from kit.codes import Refused
from services.gateway.backends import PresencePool

# After this time a list shows the names of the events' time.
TIMEOUT_S = 1.0


async def current_names(presence: PresencePool, site_key: str, visitor_ids: Iterable[str]) -> dict[str, str]:
    """Names by id for at most 100 visitors; empty while presence does not respond. Never raises Refused."""
    wanted = sorted({visitor_id for visitor_id in visitor_ids if visitor_id})
    if not wanted:
        return {}
    call = presence_pb2.NameVisitorsRequest(site=site_key, visitors=wanted)
    try:
        answer = await presence.call(lambda stub: stub.NameVisitors, call, key=site_key, timeout_s=TIMEOUT_S)
    except Refused:
        return {}
    return dict(answer.names)
