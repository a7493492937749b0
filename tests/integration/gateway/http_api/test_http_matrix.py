"""Access matrix of the HTTP API: each call of the OpenAPI document, by each identity, is answered as this one table says.

A call without a row fails. A call that an identity may not make changes no record of the site.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx
import pytest
from pymongo import MongoClient

from kit.mongo import Document
from services.gateway.accounts.identity import SESSION_COOKIE
from services.gateway.http.api_calls import CALLS, Call
from tests.integration.gateway.http_api.answers import ok, problem, shown
from tests.integration.gateway.http_api.http_side import ANA, ORIGIN, SHOP, HttpSide
from tests.integration.gateway.http_api.talks import say, visit
from tests.integration.gateway.http_api.test_http_access import ROOT, send
from tests.support.eventually import eventually
from tests.support.site_records import changed, quiet_records, records_of

pytestmark = pytest.mark.slow

BOSS, BEN = "boss@other.test", "ben@other.test"
OUTSIDERS = ("nobody", "a visitor", "an unknown session", "a signed-out agent", "a suspended agent")
MEMBERS = {"foreign agent": BEN, "foreign admin": BOSS, "agent": ANA, "admin": ROOT}
# `may`: any answer but these three. `own`: may, and meets records of the own site only, so that nothing here changes.
# 401 is not_signed_in, 403 forbidden, 404 not_found.
TABLE = """
call                                      | outsiders | foreign agent | foreign admin | agent | admin
GET /api/v1/setup                         | own       | own           | own           | may   | may
POST /api/v1/setup                        | own       | own           | own           | may   | may
POST /api/v1/session                      | own       | own           | own           | may   | may
DELETE /api/v1/session                    | own       | own           | own           | may   | may
POST /api/v1/visitor/session              | own       | own           | own           | may   | may
POST /api/v1/visitor/session/end          | own       | own           | own           | may   | may
GET /api/v1/me                            | 401       | own           | own           | may   | may
PATCH /api/v1/me                          | 401       | own           | own           | may   | may
POST /api/v1/me/password                  | 401       | own           | own           | may   | may
POST /api/v1/me/proof                     | 401       | own           | own           | may   | may
GET /api/v1/me/sessions                   | 401       | own           | own           | may   | may
DELETE /api/v1/me/sessions                | 401       | own           | own           | may   | may
DELETE /api/v1/me/sessions/{id}           | 401       | 404           | 404           | may   | 404
PUT /api/v1/me/photo                      | 401       | own           | own           | may   | may
DELETE /api/v1/me/photo                   | 401       | own           | own           | may   | may
GET /api/v1/photos/{id}                   | own       | own           | own           | may   | may
GET /api/v1/agents                        | 401       | own           | own           | may   | may
POST /api/v1/agents                       | 401       | 403           | own           | 403   | may
PATCH /api/v1/agents/{id}                 | 401       | 403           | 404           | 403   | may
POST /api/v1/agents/{id}/invitation       | 401       | 403           | 404           | 403   | may
POST /api/v1/invitation                   | 404       | 404           | 404           | 404   | 404
POST /api/v1/invitation/password          | 404       | 404           | 404           | 404   | 404
GET /api/v1/site                          | 401       | own           | own           | may   | may
GET /api/v1/site/activity                 | 401       | own           | own           | may   | may
PATCH /api/v1/site                        | 401       | 403           | own           | 403   | may
GET /api/v1/site/first-steps              | 401       | 403           | own           | 403   | may
PATCH /api/v1/site/first-steps            | 401       | 403           | own           | 403   | may
GET /api/v1/mail                          | 401       | 403           | own           | 403   | may
POST /api/v1/mail/test                    | 401       | 403           | own           | 403   | may
GET /api/v1/visitors/{id}                 | 401       | 404           | 404           | may   | may
PATCH /api/v1/visitors/{id}               | 401       | 404           | 404           | may   | may
POST /api/v1/visitors/{id}/notes          | 401       | 404           | 404           | may   | may
PATCH /api/v1/visitors/{id}/notes/{note}  | 401       | 404           | 404           | may   | may
GET /api/v1/chats                         | 401       | own           | own           | may   | may
PATCH /api/v1/chats/{id}                  | 401       | 404           | 404           | may   | may
GET /api/v1/chats/{id}/log                | 401       | 404           | 404           | may   | may
GET /api/v1/chats/{id}/entries            | 401       | 404           | 404           | may   | may
GET /api/v1/chats/{id}/export             | 401       | 404           | 404           | may   | may
POST /api/v1/chats/{id}/ticket            | 401       | 404           | 404           | may   | may
GET /api/v1/tickets                       | 401       | own           | own           | may   | may
GET /api/v1/tickets/{id}                  | 401       | 404           | 404           | may   | may
PATCH /api/v1/tickets/{id}                | 401       | 404           | 404           | may   | may
GET /api/v1/tickets/{id}/comments         | 401       | 404           | 404           | may   | may
POST /api/v1/tickets/{id}/comments        | 401       | 404           | 404           | may   | may
"""
REFUSALS = {"401": (401, "not_signed_in"), "403": (403, "forbidden"), "404": (404, "not_found")}
# What only people of the shop may read.
OURS = ("Where is our parcel", "root@shop.test")


def rows() -> dict[str, dict[str, str]]:
    """The expected answer by call and identity."""
    head, *lines = ([cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines())
    return {cells[0]: dict(zip(head[1:], cells[1:], strict=True)) for cells in lines}


ROWS = rows()


class Ids(NamedTuple):
    """Records of the shop. `me` is a session of its agent, `agents` its agent."""

    visitors: str
    chats: str
    tickets: str
    agents: str
    photos: str
    me: str


def name_of(call: Call) -> str:
    return f"{call.method} {call.path}"


def test_every_call_has_a_row_and_every_row_is_a_call() -> None:
    assert {name_of(call) for call in CALLS} == set(ROWS)


@asynccontextmanager
async def signed_in(side: HttpSide, email: str) -> AsyncIterator[httpx.AsyncClient]:
    """A session without a sign-in: the next call may end it."""
    agent = await side.store.agent_by_email(email)
    assert agent is not None
    cookie, _ = await side.identities.sign_in(agent)
    async with side.client(origin=ORIGIN, cookie=f"{SESSION_COOKIE}={cookie}") as client:
        yield client


@pytest.fixture
async def ids(whole: HttpSide, mongo_client: MongoClient[Document], database_prefix: str) -> Ids:
    await whole.add_agent("other", BOSS, "administrator")
    await whole.add_agent("other", BEN)
    visitor = await visit(whole)
    conversation = await say(whole, [OURS[0]], visitor=visitor)
    async with signed_in(whole, ANA) as ana:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        ok(await ana.post(f"/api/v1/visitors/{visitor}/notes", json={"client_id": "1", "text": OURS[0]}))
        ticket = ok(await ana.post(f"/api/v1/chats/{conversation}/ticket"), 201)["id"]

        async def counted() -> bool:
            return bool(ok(await ana.get(f"/api/v1/visitors/{visitor}"))["chats"])

        # The fact of the new chat changes the visitor's record a moment later.
        await eventually(counted, sentence="the visitor's record counts the chat")
    await quiet_records(lambda: records_of(mongo_client, database_prefix, "shop"))
    return Ids(visitor, conversation, ticket, me, me, await new_session_id(whole))


async def new_session_id(side: HttpSide) -> str:
    async with signed_in(side, ANA) as ana:
        items = ok(await ana.get("/api/v1/me/sessions"))["items"]
    return str(next(item["session"] for item in items if item["current"]))


async def cookies_of_outsiders(side: HttpSide) -> dict[str, str]:
    async with side.client(origin=SHOP) as page:
        token = ok(await page.post("/api/v1/visitor/session", json={"site": "shop"}))["token"]
    gone = await side.add_agent("shop", "gone@shop.test", "administrator")
    signed_out, _ = await side.identities.sign_in(gone)
    async with side.client(origin=ORIGIN, cookie=f"{SESSION_COOKIE}={signed_out}") as client:
        await client.delete("/api/v1/session")
    suspended, _ = await side.identities.sign_in(gone)
    # In the store only, so that the session stays: it must be worth nothing by itself.
    await side.collection("agents").update_one({"_id": gone.id}, {"$set": {"disabled": True}})
    return dict(zip(OUTSIDERS, ("", token, "x" * 43, signed_out, suspended), strict=True))


def record_of(ids: Ids, call: Call) -> str:
    return str(getattr(ids, call.path.split("/")[3], "0" * 32))


def check(call: Call, response: httpx.Response, expected: str) -> None:
    if expected in REFUSALS:
        assert problem(response) == REFUSALS[expected], shown(response)
        return
    assert response.status_code < 500, shown(response)
    if not response.is_success:
        assert problem(response) not in REFUSALS.values(), shown(response)
    if expected == "own":
        assert not any(text in response.text for text in OURS), shown(response)


async def quiet_snapshot(client: MongoClient[Document], prefix: str) -> Mapping[str, str]:
    """The shop's records, once what is written after an answer is there."""
    return await quiet_records(lambda: records_of(client, prefix, "shop"), still=2)


async def test_outsiders_are_refused_and_change_nothing(
    whole: HttpSide, ids: Ids, mongo_client: MongoClient[Document], database_prefix: str
) -> None:
    cookies = await cookies_of_outsiders(whole)
    for who, cookie in cookies.items():
        async with whole.client(origin=ORIGIN, cookie=f"{SESSION_COOKIE}={cookie}" if cookie else "") as client:
            for call in CALLS:
                before = dict(await quiet_snapshot(mongo_client, database_prefix))
                response = await send(client, call, record_of(ids, call))
                check(call, response, ROWS[name_of(call)]["outsiders"])
                after = records_of(mongo_client, database_prefix, "shop")
                if name_of(call) != "POST /api/v1/visitor/session":  # which anyone may begin
                    assert not changed(before, after), (who, shown(response), changed(before, after))


@pytest.mark.parametrize("who", [who for who in MEMBERS if who.startswith("foreign")])
async def test_people_of_another_site_meet_nothing_of_ours_and_change_nothing(
    whole: HttpSide, ids: Ids, mongo_client: MongoClient[Document], database_prefix: str, who: str
) -> None:
    for call in CALLS:
        before = dict(await quiet_snapshot(mongo_client, database_prefix))
        async with signed_in(whole, MEMBERS[who]) as client:
            response = await send(client, call, record_of(ids, call))
        check(call, response, ROWS[name_of(call)][who])
        after = records_of(mongo_client, database_prefix, "shop")
        if name_of(call) != "POST /api/v1/visitor/session":
            assert not changed(before, after), (shown(response), changed(before, after))


@pytest.mark.parametrize("who", ["agent", "admin"])
async def test_people_of_the_site_are_answered_as_the_table_says(
    whole: HttpSide, ids: Ids, mongo_client: MongoClient[Document], database_prefix: str, who: str
) -> None:
    for call in CALLS:
        # The earlier calls may have ended it.
        there = ids._replace(me=await new_session_id(whole))
        async with signed_in(whole, MEMBERS[who]) as client:
            before = dict(await quiet_snapshot(mongo_client, database_prefix))
            response = await send(client, call, record_of(there, call))
        expected = ROWS[name_of(call)][who]
        check(call, response, expected)
        if expected in REFUSALS:
            after = records_of(mongo_client, database_prefix, "shop")
            assert not changed(before, after), (shown(response), changed(before, after))
