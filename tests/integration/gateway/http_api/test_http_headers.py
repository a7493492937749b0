"""The security headers of every route, and the hosts that are served."""

from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from services.gateway.accounts.identity import PLAIN_SESSION_COOKIE, SESSION_COOKIE
from tests.integration.gateway.http_api.answers import no_content, ok, problem, shown
from tests.integration.gateway.http_api.conftest import people
from tests.integration.gateway.http_api.http_side import ANA, HOST, ORIGIN, HttpSide, cookie_of, running, sign_in
from tests.integration.gateway.http_api.test_http_pages import DOCUMENTS, policy, web_dir

__all__ = ["web_dir"]
PAGES = ("/dashboard/", "/widget/app/", "/demo")
# Methods with a handler on some routes, and one with none.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")


def check_headers(response: httpx.Response) -> None:
    """What holds for every response, whatever its route and status."""
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff", shown(response)
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains", shown(response)
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin", shown(response)
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(headers["permissions-policy"].split(", "))
    assert headers["cross-origin-resource-policy"] in {"same-origin", "cross-origin"}, shown(response)
    is_page = response.request.url.path.startswith(PAGES) and response.is_success
    rules = policy(headers["content-security-policy"])
    assert is_page or rules["default-src"] == "'none'", shown(response)
    for name in headers:
        assert len(headers.get_list(name)) == 1 or name == "set-cookie", (name, shown(response))


async def test_every_route_has_the_security_headers(mongodb_url: str, database_prefix: str, web_dir: Path) -> None:
    """With a session and without, for every method, so for JSON, files, pages and problems."""
    async with running(mongodb_url, database_prefix, web_dir, public_origins=(ORIGIN,)) as side:
        await people(side)
        paths = {route.path for route in side.app.routes if isinstance(route, Route)}
        paths |= {path + "/x" for path in paths} | {*DOCUMENTS, "/dashboard/assets/main-3c4d.js"}
        paths |= {"/widget/app/", "/demo/shop.css"}
        statuses = set()
        async with side.signed_in(ANA) as agent, side.client(origin=ORIGIN) as stranger:
            for path in sorted(paths):
                for method in METHODS:
                    if (method, path) == ("DELETE", "/api/v1/session"):
                        continue
                    for client in (agent, stranger):
                        response = await client.request(
                            method, path.replace("{id}", "0" * 32).replace("{path:path}", "")
                        )
                        check_headers(response)
                        statuses.add(response.status_code)
            fresh = await stranger.get("/dashboard/")
            check_headers(await stranger.get("/dashboard/", headers={"if-none-match": fresh.headers["etag"]}))
    assert {200, 204, 307, 400, 401, 403, 404, 405, 503} <= statuses


async def test_pages_accept_no_text_as_markup_or_script(mongodb_url: str, database_prefix: str, web_dir: Path) -> None:
    """Trusted types: a forgotten `innerHTML` throws instead of running what a visitor wrote."""
    async with running(mongodb_url, database_prefix, web_dir) as side, side.client() as client:
        for path in ("/dashboard/", "/dashboard/chats/1", "/widget/app/"):
            rules = policy((await client.get(path)).headers["content-security-policy"])
            assert (rules["require-trusted-types-for"], rules["trusted-types"]) == ("'script'", "'none'")


OTHERS = (
    "evil.example",
    f"{HOST}.evil.example",
    f"{HOST}:8443",
    f"x{HOST}",
    "198.51.100.7",
    "[::1]",
    "",
    "a b",
    f"{HOST}@evil",
)


async def test_other_hosts_are_refused_on_every_kind_of_route(
    mongodb_url: str, database_prefix: str, web_dir: Path
) -> None:
    async with running(mongodb_url, database_prefix, web_dir, public_origins=(ORIGIN, "http://desk.local:81")) as side:
        await people(side)
        for host in OTHERS:
            async with side.client(host=host) as client:
                for path in ("/dashboard/", "/widget.js", "/api/v1/me", "/nothing", "/openapi.json"):
                    refusal = await client.get(path)
                    assert problem(refusal) == (421, "origin_refused"), (host, path)
                    # The cause may be a proxy that drops the header.
                    assert "header Host" in refusal.json()["detail"]
                assert problem(await sign_in(client)) == (421, "origin_refused")
        for host in (HOST, HOST.upper(), f"{HOST}:443", "desk.local:81"):
            async with side.client(host=host) as client:
                assert (await client.get("/dashboard/")).status_code == 200, host
        async with side.client(host=HOST, origin=f"http://{HOST}:443") as client:
            assert problem(await sign_in(client)) == (403, "origin_refused")


async def test_without_https_there_is_no_hsts(side: HttpSide) -> None:
    """A browser would refuse plain HTTP to this host for a year."""
    async with side.client() as client:
        assert "strict-transport-security" not in (await client.get("/dashboard/")).headers


@pytest.mark.parametrize("secure", [True, False])
async def test_a_session_from_before_the_prefix_continues_and_the_next_sign_in_replaces_its_cookie(
    mongodb_url: str, database_prefix: str, tmp_path: Path, secure: bool
) -> None:
    async with running(mongodb_url, database_prefix, tmp_path, cookie_secure=secure) as side:
        await people(side)
        agent = await side.store.agent_by_email(ANA)
        assert agent is not None
        secret, _ = await side.identities.sign_in(agent)
        async with side.client(origin=ORIGIN) as client:
            client.cookies.set(PLAIN_SESSION_COOKIE, secret, domain=HOST)
            assert ok(await client.get("/api/v1/me"))["email"] == ANA
            no_content(await sign_in(client))
            names = [cookie.name for cookie in client.cookies.jar if "session" in cookie.name]
            assert names == [SESSION_COOKIE if secure else PLAIN_SESSION_COOKIE]
            ok(await client.get("/api/v1/me"))


async def test_a_plain_cookie_never_replaces_the_prefixed_one(side: HttpSide) -> None:
    """A neighbour below the same domain can set the plain one, and would sign the agent in as another."""
    async with side.signed_in(ANA) as ana, side.signed_in("root@shop.test") as root:
        ana.cookies.set(PLAIN_SESSION_COOKIE, cookie_of(root), domain=HOST)
        assert ok(await ana.get("/api/v1/me"))["email"] == ANA
