"""Whatever is asked over HTTP is answered as the published OpenAPI document says, or with a problem that has a stable code."""

from typing import Any, NamedTuple

import httpx
import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kit.codes import ERRORS, Code
from services.gateway.accounts.identity import PLAIN_SESSION_COOKIE
from services.gateway.http.openapi import ADDRESS
from tests.support.eventually import PATIENCE_S
from tests.support.json_object import JsonObject
from tests.support.protocol_client import Browser
from tests.support.running import Running
from tests.system import weird
from tests.system.fuzzing import (
    A_RUN,
    MARK,
    PASSWORD,
    SITE,
    for_a_while,
    forget_throttles,
    make_site,
    nothing_breaks,
    still_answers,
)

EMAIL = "http@fuzzed.test"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SIGN_OUTS = {"DELETE /api/v1/session", "DELETE /api/v1/me/sessions"}
# What people write: it goes with the mark.
WRITTEN = {"text", "bio", "name", "subject", "email", "title"}


class Asked(NamedTuple):
    """A call. `raw` replaces the body unless it is None. `known`: signed in as an agent. `bent`: with a byte that is no UTF-8."""

    case: Case[Any]
    raw: bytes | None
    known: bool
    bent: bool


class Things(NamedTuple):
    """What is there on the site."""

    visitor: str
    token: str
    conversation: str


class Door:
    """The API, as an administrator of the fuzzed site meets it."""

    def __init__(self, address: str, things: Things) -> None:
        self.address = address
        headers = {"origin": address}
        body = {"email": EMAIL, "password": PASSWORD}
        with httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_S, verify=False) as client:
            client.post("/api/v1/session", json=body).raise_for_status()
            self.cookie = client.cookies[PLAIN_SESSION_COOKIE]
            made = client.post(f"/api/v1/chats/{things.conversation}/ticket").raise_for_status().json()
            document = client.get(ADDRESS).raise_for_status().json()
        self.ids = {"chats": things.conversation, "visitors": things.visitor, "tickets": made["id"]}
        self.calls = list(schemathesis.openapi.from_dict(document).get_all_operations())
        self.session = requests.Session()

    def asked(self) -> st.SearchStrategy[Asked]:
        """Any call, with what fits and with what does not."""
        fitting, not_fitting = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
        modes = st.sampled_from((fitting, fitting, not_fitting))
        raw = st.one_of(st.none(), st.none(), st.none(), weird.ANYTHING.map(weird.dumps).map(str.encode), st.binary())
        cases = st.tuples(st.sampled_from(self.calls), modes, st.integers(0, 4)).flatmap(self._case)
        bent = st.integers(0, 9).map(lambda number: number == 0)
        return st.builds(Asked, cases, raw, st.sampled_from((True, True, True, False)), bent)

    def _case(self, chosen: tuple[Any, GenerationMode, int]) -> st.SearchStrategy[Case[Any]]:
        call, mode, strange = chosen
        operation = call.ok()
        there = self.ids.get(operation.path.split("/")[3])
        known = {"path_parameters": {"id": there}} if there and strange and "{id}" in operation.path else {}
        # A call that takes nothing can be given nothing that does not fit.
        try:
            strategy = operation.as_strategy(generation_mode=mode, **known)
            strategy.validate()
        except Exception:  # noqa: BLE001 - the library says so in many ways
            strategy = operation.as_strategy(**known)
        cases: st.SearchStrategy[Case[Any]] = strategy.map(_marked)
        return cases

    def ask(self, asked: Asked) -> None:
        """The answer is one that the document allows, and its refusals are problems."""
        case, raw, known, bent = asked
        if bent and isinstance(case.body, dict):
            raw = weird.dumps(case.body).encode().replace(b'": "', b'": "\xff')
        # After sign-out the session is unknown.
        cookies = {PLAIN_SESSION_COOKIE: self.cookie if known and case.operation.label not in SIGN_OUTS else "x"}
        also: JsonObject = {} if raw is None else {"data": raw, "json": None}
        headers = {"origin": self.address, **({} if raw is None else {"content-type": "application/json"})}
        answer = case.call(
            base_url=self.address, session=self.session, headers=headers, cookies=cookies, timeout=PATIENCE_S, **also
        )
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            problem = answer.json()
            assert answer.headers["content-type"] == ["application/problem+json"], answer.headers
            assert problem["status"] == answer.status_code, problem
            assert problem["detail"], problem
            assert answer.status_code in (ERRORS[Code(problem["code"])].http, 405), problem


def _marked(case: Case[Any]) -> Case[Any]:
    if isinstance(case.body, dict):
        case.body = {
            name: MARK + value if name in WRITTEN and isinstance(value, str) else value
            for name, value in case.body.items()
        }
    return case


@pytest.fixture
async def fuzzed(running: Running) -> Running:
    await make_site(running, EMAIL)
    return running


async def test_any_call_gets_what_is_published_or_a_problem(fuzzed: Running) -> None:
    async with Browser(fuzzed.public(0), SITE) as browser, browser.as_visitor() as client:
        conversation = (await client.send(MARK + "hello", None))["conversation"]
        things = Things(str(browser.visitor), str(browser.token), conversation)
    door = Door(fuzzed.public(0), things)

    @A_RUN
    @given(door.asked())
    def run(asked: Asked) -> None:
        door.ask(asked)

    try:
        with nothing_breaks(fuzzed, lambda: [door.cookie, things.token, PASSWORD]), door.session:
            for_a_while(run)
            still_answers(fuzzed)
    finally:
        # Others sign in from this address, too.
        await forget_throttles(fuzzed)
