"""The OpenAPI document contains every call, with the structs that its handler decodes."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import structlog
from prometheus_client import CollectorRegistry
from starlette.routing import Route

from services.gateway.accounts.origins import PublicOrigins
from services.gateway.http import HttpRoutes
from services.gateway.http.api_calls import CALLS
from services.gateway.http.openapi import encoded
from services.gateway.http.problems import Resource

CHECKED_IN = Path(__file__).parents[4] / "docs/openapi.json"


def handlers() -> dict[tuple[str, str], str]:
    """The source of the handler of each call."""
    unused = cast(Any, None)
    made = HttpRoutes(
        store=unused,
        identities=unused,
        passwords=unused,
        backends=cast(Any, structlog.testing.CapturingLogger()),  # has every attribute
        photos=unused,
        revocations=unused,
        site_changes=unused,
        trusted_proxies=(),
        public=PublicOrigins(),
        public_origin="",
        web_dir=Path("nowhere"),
        development=True,
        cookie_secure=True,
        clock=lambda: 0,
        log=unused,
        registry=CollectorRegistry(),
    ).all()
    found = {}
    for route in made:
        assert isinstance(route, Route)
        resource = cast(Resource, route.app)
        for method, handler in resource._handlers.items():  # noqa: SLF001 - there is no other list of the methods
            if route.path.startswith("/api/v1/") and method not in ("HEAD", "OPTIONS"):
                found[method, route.path] = "\n".join(_sources(handler))
    return found


def _sources(handler: Callable[..., object]) -> Iterator[str]:
    """The source of the handler, and of the functions that it wraps."""
    yield inspect.getsource(handler)
    function = inspect.unwrap(getattr(handler, "__func__", handler))
    for cell in getattr(function, "__closure__", None) or ():
        if inspect.isroutine(cell.cell_contents):
            yield from _sources(cell.cell_contents)


def test_every_call_is_documented_with_the_structs_that_its_handler_decodes() -> None:
    published = {(call.method, call.path): call for call in CALLS}
    found = handlers()
    assert set(published) == set(found)
    for key, source in found.items():
        call = published[key]
        for reader, kind in (("read_json", call.body), ("read_query", call.query)):
            read = set(re.findall(rf"{reader}\(request, (\w+)\)", source))
            assert read == ({kind.__name__} if kind else set()), key


def test_the_checked_in_document_is_the_served_one() -> None:
    assert CHECKED_IN.read_bytes() == encoded(), "run `make generate`"
