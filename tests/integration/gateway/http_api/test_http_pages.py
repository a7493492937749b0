"""The built web files: paths, caching and policies; files outside their folders are not readable."""

import asyncio
import gzip
import os
from collections.abc import AsyncIterator, MutableMapping
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.integration.gateway.http_api.answers import problem
from tests.integration.gateway.http_api.http_side import HOST, SHOP, HttpSide, running


@pytest.fixture
def web_dir(tmp_path: Path) -> Path:
    web = tmp_path / "web"
    files = {
        "widget/dist/widget.js": "loader",
        "widget/dist/app/index.html": "<!doctype html>widget",
        "widget/dist/app/assets/app-1a2b.js": "app",
        "dashboard/dist/index.html": "<!doctype html>dashboard",
        "dashboard/dist/assets/main-3c4d.js": "main",
        "dashboard/dist/icon.svg": "<svg/>",
        "dashboard/dist/reference.html": "<!doctype html>reference",
        "dashboard/dist/openapi.json": "{}",
        "dashboard/dist/asyncapi.yaml": "asyncapi: 3.0.0",
        "demo/index.html": "<!doctype html>shop",
        "demo/cart.html": "<!doctype html>cart",
        "demo/shop.css": "body{}",
        "secret.txt": "secret",
        "dashboard/secret.txt": "secret",
    }
    for name, text in files.items():
        (web / name).parent.mkdir(parents=True, exist_ok=True)
        (web / name).write_text(text)
    (web / "demo" / "link.txt").symlink_to(web / "secret.txt")
    return web


@pytest.fixture
async def pages(mongodb_url: str, database_prefix: str, web_dir: Path) -> AsyncIterator[HttpSide]:
    async with running(mongodb_url, database_prefix, web_dir) as side:
        await side.add_site("shop")
        await side.add_site("local", origins=("loopback",))
        yield side


# The reference of the interfaces, for people and for programs.
DOCUMENTS = ("/dashboard/reference.html", "/dashboard/openapi.json", "/dashboard/asyncapi.yaml")
PARTS = [
    ("/widget.js", "loader", "javascript"),
    ("/widget/app/", "widget", "html"),
    ("/widget/app/index.html", "widget", "html"),
    ("/widget/app/assets/app-1a2b.js", "app", "javascript"),
    ("/dashboard/", "dashboard", "html"),
    ("/dashboard/chats/abc", "dashboard", "html"),
    ("/dashboard/icon.svg", "<svg/>", "svg"),
    ("/dashboard/reference.html", "reference", "html"),
    ("/dashboard/openapi.json", "{}", "application/json"),
    ("/dashboard/asyncapi.yaml", "asyncapi: 3.0.0", "application/yaml"),
    ("/dashboard/assets/main-3c4d.js", "main", "javascript"),
    ("/demo", "shop", "html"),
    ("/demo/", "shop", "html"),
    ("/demo/cart", "cart", "html"),
    ("/demo/cart.html", "cart", "html"),
    ("/demo/shop.css", "body{}", "css"),
]


async def test_every_file_is_at_its_documented_path(pages: HttpSide) -> None:
    async with pages.client() as client:
        for path, text, kind in PARTS:
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert answer.text.endswith(text), path
            assert kind in answer.headers["content-type"], path
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"]
            head = await client.head(path)
            assert (head.status_code, head.headers["etag"]) == (200, answer.headers["etag"])
            again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b""), path


async def test_the_root_redirects_to_the_dashboard(pages: HttpSide) -> None:
    async with pages.client() as client:
        for path in ("/", "/dashboard"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["location"]) == (307, "/dashboard/")


async def test_what_is_named_by_content_stays_in_caches_and_the_rest_is_asked_for(pages: HttpSide) -> None:
    async with pages.client() as client:
        for path in ("/dashboard/assets/main-3c4d.js", "/widget/app/assets/app-1a2b.js"):
            assert "immutable" in (await client.get(path)).headers["cache-control"]
        asked_for = ("/dashboard/", "/dashboard/chats", *DOCUMENTS, "/widget/app/", "/demo")
        for path in asked_for:
            assert (await client.get(path)).headers["cache-control"] == "no-cache"
        assert "max-age=60" in (await client.get("/widget.js")).headers["cache-control"]


def policy(header: str) -> dict[str, str]:
    return {name: rule for name, _, rule in (item.partition(" ") for item in header.split("; "))}


async def test_the_dashboard_runs_its_own_files_only_and_in_no_frame(pages: HttpSide) -> None:
    """I-22: what a visitor wrote would do nothing even as markup."""
    async with pages.client() as client:
        for path in ("/dashboard/", "/dashboard/chats/1", *DOCUMENTS):
            rules = policy((await client.get(path)).headers["content-security-policy"])
            assert rules["default-src"] == "'none'"
            assert rules["script-src"] == rules["style-src"] == "'self'"
            assert rules["connect-src"] == f"'self' ws://{HOST} wss://{HOST}"
            assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"


async def test_a_forged_host_adds_nothing_to_the_policy(pages: HttpSide) -> None:
    for host in ("evil.test; script-src *", "a b", "x,y", "[::1", "a:b"):
        async with pages.client(host=host) as client:
            rules = policy((await client.get("/dashboard/")).headers["content-security-policy"])
        assert rules["connect-src"] == rules["script-src"] == "'self'", host


ANCESTORS = {
    "?site=shop": f"'self' {SHOP}",
    "?site=local": "'self' http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*",
    "?site=nobody": "'self'",
    "?site=shop;%20script-src%20*": "'self'",
    "": "'self'",
}


async def test_only_the_sites_own_pages_frame_its_widget(pages: HttpSide) -> None:
    async with pages.client() as client:
        for query, ancestors in ANCESTORS.items():
            rules = policy((await client.get(f"/widget/app/{query}")).headers["content-security-policy"])
            assert rules["frame-ancestors"] == ancestors
            assert rules["script-src"] == "'self'"


async def test_the_loader_runs_on_pages_that_isolate_themselves(pages: HttpSide) -> None:
    async with pages.client() as client:
        headers = (await client.get("/widget.js")).headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["access-control-allow-origin"] == "*"


WAYS_OUT = [
    "../secret.txt",
    "../../secret.txt",
    "..%2fsecret.txt",
    "%2e%2e/secret.txt",
    "..%5csecret.txt",
    "....//secret.txt",
    "assets/../../secret.txt",
    "assets/..%2f..%2fsecret.txt",
    "/etc/passwd",
    "%2fetc/passwd",
    "link.txt",
    "index.html%00.js",
    "a" * 5000,
    "%ff%fe",
    "assets",
    "assets/",
    ".",
]


async def test_no_path_leads_out_of_a_folder(pages: HttpSide) -> None:
    """As a server hands it on, for clients tidy a path up before they send it."""
    for folder, way in product(("/demo/", "/dashboard/", "/widget/app/", "/"), WAYS_OUT):
        status, body = await get_raw(pages, f"{folder}{way}")
        assert b"secret" not in body, way
        assert b"root:" not in body, way
        # The dashboard's one page stands at every address of its own that is no file.
        assert status == 404 or (folder, status) == ("/dashboard/", 200), way


async def get_raw(side: HttpSide, path: str) -> tuple[int, bytes]:
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "https",
        "query_string": b"",
        "headers": [(b"host", HOST.encode())],
        "client": ("198.51.100.7", 1),
        "server": (HOST, 443),
    }
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, object]:
        await asyncio.Event().wait()  # the client stays, and says nothing more
        raise AssertionError

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(message)

    await side.app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def test_production_has_no_demo(mongodb_url: str, database_prefix: str, web_dir: Path) -> None:
    async with running(mongodb_url, database_prefix, web_dir, development=False) as side, side.client() as client:
        for path in ("/demo", "/demo/", "/demo/cart", "/demo/shop.css"):
            assert (await client.get(path)).status_code == 404
        assert (await client.get("/dashboard/")).status_code == 200


async def test_a_missing_build_names_the_command_to_build_it(
    mongodb_url: str, database_prefix: str, tmp_path: Path
) -> None:
    async with running(mongodb_url, database_prefix, tmp_path / "empty") as side, side.client() as client:
        for path in ("/widget.js", "/widget/app/", "/dashboard/", "/demo"):
            answer = await client.get(path)
            assert answer.status_code == 503
            assert "make" in answer.text


async def test_unknown_paths_are_not_found(pages: HttpSide) -> None:
    async with pages.client() as client:
        for path in ("/nothing", "/ws", "/widget", "/widget/other", "/demo/nothing", "/dashboard/assets/old.js"):
            assert (await client.get(path)).status_code == 404, path


async def test_unknown_api_paths_and_methods_get_a_problem_document(pages: HttpSide) -> None:
    async with pages.client() as client:
        for method in ("GET", "POST", "DELETE", "PROPFIND"):
            answer = await client.request(method, "/api/v1/nothing")
            assert problem(answer) == (404, "not_found")
        wrong = await client.request("PUT", "/api/v1/session")
        assert problem(wrong) == (405, "invalid")
        assert wrong.headers["allow"] == "DELETE, POST"
        assert (await client.request("POST", "/dashboard/")).status_code == 405


async def test_response_times_are_labelled_by_route_not_by_client_text(pages: HttpSide) -> None:
    async with pages.client() as client:
        await client.get("/dashboard/chats/some-id")
        await client.request("MADE-UP", "/dashboard/x")
    labels = {
        (sample.labels["method"], sample.labels["route"])
        for metric in pages.registry.collect()
        for sample in metric.samples
        if metric.name == "palique_http_seconds"
    }
    assert labels == {("GET", "/dashboard/{path:path}"), ("other", "/dashboard/{path:path}")}


async def test_a_client_that_accepts_gzip_gets_the_compressed_file_of_this_build(
    pages: HttpSide, web_dir: Path
) -> None:
    loader = web_dir / "widget/dist/widget.js"
    smaller = web_dir / "widget/dist/widget.js.gz"
    smaller.write_bytes(gzip.compress(b"smaller"))
    async with pages.client() as client:
        taken = await client.get("/widget.js", headers={"accept-encoding": "gzip"})
        plain = await client.get("/widget.js", headers={"accept-encoding": "identity"})
        assert (taken.text, taken.headers["content-encoding"]) == ("smaller", "gzip")
        assert "javascript" in taken.headers["content-type"]
        assert "content-encoding" not in plain.headers
        assert plain.headers["vary"] == taken.headers["vary"] == "Accept-Encoding"
        assert plain.headers["etag"] != taken.headers["etag"]
        # A compressed file of an earlier build is not served.
        os.utime(smaller, (0, loader.stat().st_mtime - 60))
        assert "content-encoding" not in (await client.get("/widget.js", headers={"accept-encoding": "gzip"})).headers
