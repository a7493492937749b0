"""The set-up of an installation without a site: one code, once, and no call of it afterwards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kit.codes import Code, Refused
from services.gateway.accounts.setup import CODE_MS, Setup
from services.gateway.http.setup import ADDRESS_RULE, FirstSite, first_records
from tests.integration.gateway.http_api.answers import no_content, ok, problem
from tests.integration.gateway.http_api.http_side import ADDRESS, ORIGIN, HttpSide, running, sign_in

PATH = "/api/v1/setup"
PASSWORD = "a new horse battery"
FIRST = {
    "site": "Compañía Núñez",
    "origin": "https://Nunez.example/",
    "name": "Ana Núñez",
    "email": "Ana@Nunez.example",
    "password": PASSWORD,
}


@pytest.fixture
async def empty(mongodb_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[HttpSide]:
    """No site."""
    async with running(mongodb_url, database_prefix, tmp_path) as found:
        yield found


async def new_code(side: HttpSide) -> str:
    code, _ = await Setup(side.store, side.clock).make()
    return code


async def set_up(side: HttpSide, code: str, address: str = ADDRESS, **values: object) -> httpx.Response:
    async with side.client(address, origin=ORIGIN) as client:
        return await client.post(PATH, json={**FIRST, "code": code, **values})


async def needed(side: HttpSide) -> bool:
    async with side.client() as client:
        return bool(ok(await client.get(PATH))["needed"])


async def records(side: HttpSide) -> int:
    return await side.collection("sites").count_documents({}) + await side.collection("agents").count_documents({})


@pytest.mark.new_databases
async def test_the_code_creates_the_site_and_its_administrator(empty: HttpSide) -> None:
    """Also with the code as a person may type it, and in a database without the collections."""
    code = await new_code(empty)
    assert await needed(empty)
    no_content(await set_up(empty, f" {code.lower().replace('-', ' ')} "))
    assert not await needed(empty)
    async with empty.client(origin=ORIGIN) as ana:
        no_content(await sign_in(ana, "ana@nunez.example", PASSWORD))
        me = ok(await ana.get("/api/v1/me"))
        assert (me["name"], me["role"], me["site"]) == ("Ana Núñez", "administrator", "compania-nunez")
        site = ok(await ana.get("/api/v1/site"))
    assert (site["name"], site["enabled"], site["origins"]) == ("Compañía Núñez", True, ["https://nunez.example"])


async def test_only_the_hash_of_the_newest_code_is_stored(empty: HttpSide) -> None:
    first, second = await new_code(empty), await new_code(empty)
    stored = [document async for document in empty.collection("setup_codes").find()]
    assert len(stored) == 1
    for code in (first, second):
        assert code not in str(stored)
        assert code.replace("-", "") not in str(stored)
    assert problem(await set_up(empty, first)) == (403, "wrong_code")
    no_content(await set_up(empty, second))


@pytest.mark.parametrize("code", ["", "0000-0000-0000-0000", "'; drop", "é" * 16])
async def test_a_wrong_code_changes_nothing(empty: HttpSide, code: str) -> None:
    assert problem(await set_up(empty, code)) == (403, "wrong_code")
    await new_code(empty)
    assert problem(await set_up(empty, code)) == (403, "wrong_code")
    assert await records(empty) == 0
    assert await needed(empty)


async def test_a_code_expires_after_an_hour(empty: HttpSide) -> None:
    empty.clock.stop()
    code = await new_code(empty)
    empty.clock.ahead_ms = CODE_MS
    assert problem(await set_up(empty, code)) == (403, "code_expired")
    empty.clock.ahead_ms -= 1
    no_content(await set_up(empty, code))


async def test_a_code_works_once(empty: HttpSide) -> None:
    code = await new_code(empty)
    answers = await asyncio.gather(
        *(set_up(empty, code, email=f"ana{number}@nunez.example", site=f"Shop {number}") for number in range(4))
    )
    assert [answer.status_code for answer in answers].count(204) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code != 204} <= {
        "wrong_code",
        "already_set_up",
    }
    assert await records(empty) == 2
    assert problem(await set_up(empty, code)) == (409, "already_set_up")


async def test_a_code_that_is_replaced_after_its_check_creates_nothing(empty: HttpSide) -> None:
    """An operator prints a new code while the password is hashed."""
    setup = Setup(empty.store, empty.clock)
    code, _ = await setup.make()
    await setup.check(code)
    await setup.make()
    site, administrator = first_records(FirstSite(code=code, **FIRST), agent_id="a", https_only=True)
    with pytest.raises(Refused) as refused:
        await setup.complete(code, site, administrator)
    assert refused.value.code is Code.WRONG_CODE
    assert await records(empty) == 0


async def test_a_second_set_up_is_refused_with_a_new_code_too(side: HttpSide) -> None:
    before = await records(side)
    assert not await needed(side)
    assert problem(await set_up(side, await new_code(side))) == (409, "already_set_up")
    assert await records(side) == before


async def test_all_gateways_check_the_same_code(
    empty: HttpSide, mongodb_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """The first one that starts logs a code; the next ones leave it valid."""
    async with running(mongodb_url, database_prefix, tmp_path) as other:
        offered = await Setup(empty.store, empty.clock).offer()
        assert offered is not None
        assert await Setup(other.store, other.clock).offer() is None
        assert await needed(empty)
        no_content(await set_up(other, offered[0]))
        assert not await needed(empty)
        assert problem(await set_up(empty, offered[0])) == (409, "already_set_up")


async def test_a_gateway_that_starts_replaces_an_expired_code(empty: HttpSide) -> None:
    setup = Setup(empty.store, empty.clock)
    assert await setup.offer() is not None
    empty.clock.ahead_ms = CODE_MS
    offered = await setup.offer()
    assert offered is not None
    no_content(await set_up(empty, offered[0]))


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("origin", "https://nunez.example/shoes", "is no origin"),
        ("origin", "nunez.example", "is no origin"),
        ("origin", "http://nunez.example", "https://"),
        ("password", "password12345", "harder to guess"),
        ("password", "Compania Nunez 1", "harder to guess"),
        ("password", "short", "12 to"),
        ("email", "nobody", "e-mail"),
        ("name", " \u200b ", "letter or digit"),
        ("site", "…", "letter or digit"),
    ],
)
async def test_a_bad_field_is_named_and_the_code_stays_valid(
    mongodb_url: str, database_prefix: str, tmp_path: Path, field: str, value: str, reason: str
) -> None:
    """In production, where pages on the internet need HTTPS."""
    async with running(mongodb_url, database_prefix, tmp_path, development=False) as side:
        code = await new_code(side)
        answer = await set_up(side, code, **{field: value})
        assert problem(answer) == (400, "invalid")
        assert (answer.json()["field"], reason in answer.json()["detail"]) == (field, True), answer.text
        assert value not in answer.text or field != "password"
        assert await records(side) == 0
        no_content(await set_up(side, code))


async def test_development_accepts_http(empty: HttpSide) -> None:
    no_content(await set_up(empty, await new_code(empty), origin="http://127.0.0.1:3000"))


async def test_guesses_are_limited_per_address(empty: HttpSide) -> None:
    empty.clock.stop()
    code = await new_code(empty)
    for _ in range(ADDRESS_RULE.burst):
        assert problem(await set_up(empty, "0000")) == (403, "wrong_code")
    answer = await set_up(empty, code)
    assert problem(answer) == (429, "too_fast")
    assert answer.json()["retry_after_s"] == 10
    no_content(await set_up(empty, code, address="203.0.113.5"))
