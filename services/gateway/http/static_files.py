"""The built web parts as files: the widget's loader and application, the dashboard, and the demo shop in development.

Only files inside their own folder are ever read. What is built gets its name from its content and stays in caches for a year;
what leads there is asked for again each time.
"""

import os
import re
from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from services.gateway.accounts.identity import Identities
from services.gateway.accounts.origins import LOOPBACK, parse_origin
from services.gateway.http.content_encoding import accepted_forms
from services.gateway.http.problems import Guard, Handler

FOREVER = "public, max-age=31536000, immutable"
# A new loader is on all pages within this, and a busy page asks once.
LOADER_CACHE = "public, max-age=60, must-revalidate"
ASK_EACH_TIME = "no-cache"
# Vite puts what it names by content here.
_NAMED_BY_CONTENT = "assets/"
# `Host` comes from the client and goes into a header of ours.
_HOST = re.compile(r"[A-Za-z0-9_.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?", re.ASCII)
# What a page's rule `loopback` means where only patterns can be written.
_LOOPBACK_ANCESTORS = "http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*"
COMMON_HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "strict-origin-when-cross-origin"}
NOT_BUILT = "This part of Palique's web pages is not built. Run: make web"


class Folder:
    """The files of one folder, which may not be there yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # The library's look-up refuses whatever leads out of the folder, over links too.
        self._files = StaticFiles(directory=path, check_dir=False)

    def is_built(self) -> bool:
        return self.path.is_dir()

    def response(self, request: Request, name: str, cache: str) -> Response | None:
        """The file, or that the client has it already; None when there is none of this name."""
        found = self._find(name)
        if found is None:
            return None
        path, stat = found
        headers = {**COMMON_HEADERS, "cache-control": cache, "vary": "Accept-Encoding"}
        kind = guess_type(path)[0]
        for encoding, ending in accepted_forms(request.headers.get("accept-encoding", "")):
            smaller = self._find(name + ending)
            # One that is older is of an earlier build.
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
        except (OSError, ValueError):  # a name too long, or with a NUL in it
            return None
        return (path, stat) if stat is not None and os.path.isfile(path) else None  # noqa: PTH113 - the library gives text


class PageRoutes:
    """All that is no API call."""

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
            "/{path:path}": _nothing,
        }
        return [guard.route(path, {"GET": handler}) for path, handler in handlers.items()]

    async def _loader_file(self, request: Request) -> Response:
        """The script of the one tag, and what it adds to the page on first need."""
        response = self._loader.response(request, request.url.path.rpartition("/")[2], LOADER_CACHE)
        if response is None:
            return _not_built()
        # Pages of any site load it, those that isolate themselves too.
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        response.headers["access-control-allow-origin"] = "*"
        return response

    async def _dashboard_page(self, request: Request) -> Response:
        """Its own router knows the addresses: whatever is no file is the one page."""
        response = _page_of(self._dashboard, request, any_address=True)
        response.headers["content-security-policy"] = _policy(request, "'none'")
        response.headers["cross-origin-opener-policy"] = "same-origin"
        return response

    async def _widget_page(self, request: Request) -> Response:
        """The frame of the widget: only pages of the site named by `?site=` may hold it, else only our own."""
        response = _page_of(self._widget, request, any_address=False)
        ancestors = await self._ancestors(request.query_params.get("site", ""))
        response.headers["content-security-policy"] = _policy(request, ancestors)
        return response

    async def _demo_page(self, request: Request) -> Response:
        name = request.path_params.get("path") or "index.html"
        if not self._development:
            return _nothing_here()
        found = self._demo.response(request, name, ASK_EACH_TIME)
        found = found or self._demo.response(request, f"{name}.html", ASK_EACH_TIME)
        if found is None and not self._demo.is_built():
            return _not_built()
        return found or _nothing_here()

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
        return folder.response(request, name, FOREVER) or _nothing_here()
    found = folder.response(request, name or "index.html", ASK_EACH_TIME)
    if found is None and any_address:
        found = folder.response(request, "index.html", ASK_EACH_TIME)
    return found or _nothing_here()


def _policy(request: Request, ancestors: str) -> str:
    """Nothing but our own files and sockets; text of a visitor that got into a page as markup would still do nothing (I-22)."""
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
        ]
    )


def _ancestor(rule: str) -> str:
    if rule == LOOPBACK:
        return _LOOPBACK_ANCESTORS
    # Only what is an origin, for the rule goes into a header.
    return rule if parse_origin(rule) is not None else ""


def _redirect(to: str) -> Handler:
    async def redirect(_: Request) -> Response:
        return RedirectResponse(to)

    return redirect


async def _nothing(_: Request) -> Response:
    return _nothing_here()


def _nothing_here() -> Response:
    return PlainTextResponse("There is nothing at this address.\n", 404, COMMON_HEADERS)


def _not_built() -> Response:
    return PlainTextResponse(f"{NOT_BUILT}\n", 503, COMMON_HEADERS)
