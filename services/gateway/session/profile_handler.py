"""Handlers of `profile` and `fields`: what a page says about its visitor and the visit. It is unsigned and opens nothing."""

import msgspec
from palique.presence.v1.presence_pb2 import EditVisitorRequest, PageField, SetFieldsRequest

from services.gateway.backends import PresencePool
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.handlers import AsyncHandler
from services.gateway.connection.peer import PeerIdentity
from services.gateway.session.visitor_names import VisitorNameCache


class ProfileHandler:
    """Site and visitor are those of the connection; the frame names neither."""

    def __init__(self, presence: PresencePool, visitor_names: VisitorNameCache) -> None:
        self._presence = presence
        self._visitor_names = visitor_names

    def async_handlers(self) -> dict[type[frames.ClientFrame], AsyncHandler]:
        return {frames.Profile: self.profile, frames.Fields: self.fields}

    async def profile(self, _: Connection, identity: PeerIdentity, frame: frames.Profile) -> None:
        """Presence fills empty fields only. Refused(invalid) names a field that does not fit; the others are filled."""
        given = {field: text for field, text in msgspec.structs.asdict(frame).items() if text}
        if not given:
            return
        request = EditVisitorRequest(site=identity.site, visitor=identity.id, only_empty=True, **given)
        try:
            await self._presence.call(lambda stub: stub.EditVisitor, request, key=identity.id)
        finally:
            self._visitor_names.forget(identity.site, identity.id)

    async def fields(self, _: Connection, identity: PeerIdentity, frame: frames.Fields) -> None:
        """Refused: invalid; too_large at too many fields. Then none of them changes."""
        fields = (PageField(key=field.key, value=field.value) for field in frame.fields)
        request = SetFieldsRequest(site=identity.site, visitor=identity.id, fields=fields)
        await self._presence.call(lambda stub: stub.SetFields, request, key=identity.id)
