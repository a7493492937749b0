"""Routes of agents' photos: agents set their own, anyone sees them (requirements S-56, W-02).

Photos are redrawn before they are stored. The headers make browsers treat the response as an image only.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.model import Photo
from services.gateway.accounts.photos import MAX_UPLOAD, MEDIA_TYPE, TYPES, Photos, version_of
from services.gateway.accounts.store import GatewayStore
from services.gateway.http.auth import SignedIn
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.request_body import path_id, read_bytes

# The address contains the version, so its content never changes.
FOREVER = "public, max-age=31536000, immutable"
# Without a version in the address, a new photo appears within this time.
A_MINUTE = "public, max-age=60"
HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "content-disposition": "inline; filename=photo.webp",
}


class PhotoAddress(msgspec.Struct, frozen=True):
    """The address of an agent's photo; null without a photo."""

    photo: str | None


class PhotoRoutes:
    """`/api/v1/me/photo` and `/api/v1/photos/{id}`."""

    def __init__(self, store: GatewayStore, photos: Photos) -> None:
        self._store = store
        self._photos = photos

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        own = {"PUT": signed_in(self._upload, types=TYPES), "DELETE": signed_in(self._remove)}
        return [
            guard.route("/api/v1/me/photo", own),
            guard.route("/api/v1/photos/{id}", {"GET": self._show}),
        ]

    async def _upload(self, request: Request, agent: AgentIdentity) -> Response:
        image = await self._photos.draw(await read_bytes(request, MAX_UPLOAD))
        photo = Photo(agent_id=agent.id, site_key=agent.site_key, version=version_of(image), image=image)
        await self._store.put_photo(photo)
        await self._store.update_agent(agent.site_key, agent.id, {"photo": photo.version})
        return json_response(PhotoAddress(photo_url(agent.id, photo.version)))

    async def _remove(self, _: Request, agent: AgentIdentity) -> Response:
        await self._store.update_agent(agent.site_key, agent.id, {"photo": ""})
        await self._store.drop_photo(agent.id)
        return json_response(PhotoAddress(None))

    async def _show(self, request: Request) -> Response:
        """204 without a photo and for an unknown agent: browsers report a 404 in the console, and a missing photo is no error."""
        photo = await self._store.photo(path_id(request))
        if photo is None:
            return Response(status_code=204, headers={"cache-control": A_MINUTE})
        has_version = request.query_params.get("v") == photo.version
        headers = {**HEADERS, "cache-control": FOREVER if has_version else A_MINUTE}
        return Response(photo.image, 200, headers, MEDIA_TYPE)


def photo_url(agent_id: str, version: str) -> str | None:
    """The address of a photo; None without one."""
    return f"/api/v1/photos/{agent_id}?v={version}" if version else None
