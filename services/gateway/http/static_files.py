"""Routes of the built web files: the widget's loader and application, the dashboard, and the demo shop in development.

Only files inside their own folder are readable. Files named by their content are cached for a year; entry files are revalidated
at every request.
"""

import os
import re
from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from kit.config.origin import parse_origin
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.origins import LOOPBACK
from services.gateway.http.content_encoding import accepted_forms
from services.gateway.http.problems import NOTHING_HERE, Guard, Handler

FOREVER = "public, max-age=31536000, immutable"
# A new loader reaches all pages within this time; a busy page fetches it once.
LOADER_CACHE = "public, max-age=60, must-revalidate"
REVALIDATE = "no-cache"
# Vite writes files named by content into this folder.
_NAMED_BY_CONTENT = "assets/"
# `Host` comes from the client and is copied into a response header.
_HOST = re.compile(r"[A-Za-z0-9_.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?", re.ASCII)
# The rule `loopback` as `frame-ancestors` patterns.
_LOOPBACK_ANCESTORS = "http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*"
NOT_BUILT = "This part of Palique's web pages is not built. Run: make web"


class Folder:
    """The files of one folder, which may not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # The library refuses paths that leave the folder, also through links.
        self._files = StaticFiles(directory=path, check_dir=False)

    def is_built(self) -> bool:
        return self.path.is_dir()

    def response(self, request: Request, name: str, cache: str) -> Response | None:
        """The file, or 304 when the client has it; None without such a file."""
        found = self._find(name)
        if found is None:
            return None
        path, stat = found
        headers = {"cache-control": cache, "vary": "Accept-Encoding"}
        # The type of YAML is in no table of Python 3.11.
        kind = "application/yaml" if name.endswith(".yaml") else guess_type(path)[0]
        for encoding, ending in accepted_forms(request.headers.get("accept-encoding", "")):
            smaller = self._find(name + ending)
            # An older compressed file belongs to an earlier build.
            if smaller is not None and smaller[1].st_mtime >= stat.st_mtime:
                path, stat = smaller
                headers["content-encoding"] = encoding
                break
        response = FileResponse(path, stat_result=stat, media_type=kind, headers=headers)
        if self._files.is_not_modified(response.headers, request.headers):
            return NotModifiedResponse(response.headers)
        return response

    def _find(self, name: str) -> tuple[str, os.stat_result] | None:
        try:
            path, stat = self._files.lookup_path(name)
        except (OSError, ValueError):  # too long a name, or a NUL in it
            return None
        return (path, stat) if stat is not None and os.path.isfile(path) else None  # noqa: PTH113 - the library returns str


class PageRoutes:
    """All paths outside the API."""

    def __init__(self, web_dir: Path, *, identities: Identities, development: bool) -> None:
        self._identities = identities
        self._development = development
        self._loader = Folder(web_dir / "widget" / "dist")
        self._widget = Folder(web_dir / "widget" / "dist" / "app")
        self._dashboard = Folder(web_dir / "dashboard" / "dist")
        self._demo = Folder(web_dir / "demo")

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        handlers = {
            "/": _redirect("/dashboard/"),
            "/dashboard": _redirect("/dashboard/"),
            "/dashboard/{path:path}": self._dashboard_page,
            "/widget.js": self._loader_file,
            "/widget/panel.js": self._loader_file,
            "/widget/app/{path:path}": self._widget_page,
            "/demo": self._demo_page,
            "/demo/{path:path}": self._demo_page,
            "/{path:path}": _unknown_path,
        }
        return [guard.route(path, {"GET": handler}) for path, handler in handlers.items()]

    async def _loader_file(self, request: Request) -> Response:
        """The script of the site's one tag, and the module that it imports when needed."""
        response = self._loader.response(request, request.url.path.rpartition("/")[2], LOADER_CACHE)
        if response is None:
            return _not_built()
        # Pages of any site load it, also cross-origin isolated ones.
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        response.headers["access-control-allow-origin"] = "*"
        return response

    async def _dashboard_page(self, request: Request) -> Response:
        """The dashboard routes in the browser: every path that is no file gets its one page."""
        response = _page_of(self._dashboard, request, any_address=True)
        response.headers["content-security-policy"] = _policy(request, "'none'")
        response.headers["cross-origin-opener-policy"] = "same-origin"
        return response

    async def _widget_page(self, request: Request) -> Response:
        """The widget's frame. Only pages of the site in `?site=` may embed it; without a site, only our own."""
        response = _page_of(self._widget, request, any_address=False)
        ancestors = await self._ancestors(request.query_params.get("site", ""))
        response.headers["content-security-policy"] = _policy(request, ancestors)
        return response

    async def _demo_page(self, request: Request) -> Response:
        name = request.path_params.get("path") or "index.html"
        if not self._development:
            return _not_found()
        found = self._demo.response(request, name, REVALIDATE)
        found = found or self._demo.response(request, f"{name}.html", REVALIDATE)
        if found is not None:
            # It stands for a customer's page, which has no policy of ours.
            found.headers["content-security-policy"] = "object-src 'none'"
        if found is None and not self._demo.is_built():
            return _not_built()
        return found or _not_found()

    async def _ancestors(self, key: str) -> str:
        site = await self._identities.site(key)
        if site is None:
            return "'self'"
        return " ".join(["'self'", *(_ancestor(rule) for rule in site.origins)])


def _page_of(folder: Folder, request: Request, *, any_address: bool) -> Response:
    name = str(request.path_params["path"])
    if not folder.is_built():
        return _not_built()
    if name.startswith(_NAMED_BY_CONTENT):
        return folder.response(request, name, FOREVER) or _not_found()
    found = folder.response(request, name or "index.html", REVALIDATE)
    if found is None and any_address:
        found = folder.response(request, "index.html", REVALIDATE)
    return found or _not_found()


def _policy(request: Request, ancestors: str) -> str:
    """Permits our own files and sockets only, so that injected markup does nothing (requirement I-22)."""
    host = request.headers.get("host", "")
    # `'self'` covers websockets in newer browsers only.
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "media-src 'self'",
            f"connect-src 'self'{sockets}",
            f"frame-ancestors {ancestors}",
            "base-uri 'none'",
            "form-action 'self'",
            # No code of ours turns text into markup, so none needs a policy that may.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _ancestor(rule: str) -> str:
    if rule == LOOPBACK:
        return _LOOPBACK_ANCESTORS
    # The rule becomes part of a header, so only origins are used.
    return rule if parse_origin(rule) is not None else ""


def _redirect(to: str) -> Handler:
    async def redirect(_: Request) -> Response:
        return RedirectResponse(to)

    return redirect


async def _unknown_path(_: Request) -> Response:
    return _not_found()


def _not_found() -> Response:
    return PlainTextResponse(f"{NOTHING_HERE}\n", 404)


def _not_built() -> Response:
    return PlainTextResponse(f"{NOT_BUILT}\n", 503)
