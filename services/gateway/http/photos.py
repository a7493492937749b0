"""Photos of agents: their own to set, everybody's to see who talks with them (S-56, W-02).

What is served was drawn by us; its headers make it a picture and nothing else, wherever it is opened.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.model import Photo
from services.gateway.accounts.photos import MEDIA_TYPE, TYPES, UPLOAD_LIMIT, Photos, version_of
from services.gateway.http.auth import SignedIn
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.records import AgentRecords, PhotoRecords
from services.gateway.http.request_body import path_id, read_bytes

# The address names the content.
FOREVER = "public, max-age=31536000, immutable"
# Without a version in the address, a new photo is seen within this.
A_MINUTE = "public, max-age=60"
HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "content-disposition": "inline; filename=photo.webp",
}


class PhotoRoutes:
    """`/api/v1/me/photo` and `/api/v1/photos/{id}`."""

    def __init__(self, records: PhotoRecords, agents: AgentRecords, photos: Photos) -> None:
        self._records = records
        self._agents = agents
        self._photos = photos

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        own = {"PUT": signed_in(self._upload, types=TYPES), "DELETE": signed_in(self._remove)}
        return [
            guard.route("/api/v1/me/photo", own),
            guard.route("/api/v1/photos/{id}", {"GET": self._show}),
        ]

    async def _upload(self, request: Request, agent: AgentIdentity) -> Response:
        image = await self._photos.draw(await read_bytes(request, UPLOAD_LIMIT))
        photo = Photo(agent=agent.agent, site=agent.site, version=version_of(image), image=image)
        await self._records.put_photo(photo)
        await self._agents.update_agent(agent.site, agent.agent, {"photo": photo.version})
        return json_response({"photo": photo_url(agent.agent, photo.version)})

    async def _remove(self, _: Request, agent: AgentIdentity) -> Response:
        await self._agents.update_agent(agent.site, agent.agent, {"photo": ""})
        await self._records.drop_photo(agent.agent)
        return json_response({"photo": None})

    async def _show(self, request: Request) -> Response:
        """Who has none is as nobody: an empty answer, since a browser's console calls a 404 an error, and here it is none."""
        photo = await self._records.photo(path_id(request))
        if photo is None:
            return Response(status_code=204, headers={"cache-control": A_MINUTE})
        named = request.query_params.get("v") == photo.version
        headers = {**HEADERS, "cache-control": FOREVER if named else A_MINUTE}
        return Response(photo.image, 200, headers, MEDIA_TYPE)


def photo_url(agent: str, version: str) -> str | None:
    """Where the photo is; None without one."""
    return f"/api/v1/photos/{agent}?v={version}" if version else None
