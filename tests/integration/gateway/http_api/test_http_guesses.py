"""Failed sign-ins are counted at the client that guesses; the agent still signs in (A5)."""

import asyncio
import random

import httpx
import pytest

from services.gateway.accounts.identity import DEVICE_COOKIE
from services.gateway.accounts.sign_in_throttle import (
    ADDRESS_RULE,
    DEVICE_MS,
    DEVICE_RULE,
    EMAIL_RULE,
    GUESSER_RULE,
    MAX_DEVICES,
)
from services.gateway.accounts.throttle import Rule, take
from services.gateway.http.own_password import GUESS_RULE
from tests.integration.gateway.http_api.answers import no_content, problem
from tests.integration.gateway.http_api.http_side import ANA, ORIGIN, PASSWORD, HttpSide, sign_in

ROOT = "root@shop.test"
ELSEWHERE = "203.0.113.200"
WRONG = (401, "wrong_credentials")
TOO_FAST = (429, "too_fast")
# The year 2286. The database removes what is past at any moment.
FUTURE_MS = 10_000_000_000_000


async def guess(side: HttpSide, address: str, times: int, email: str = ANA) -> None:
    async with side.client(address, origin=ORIGIN) as client:
        for _ in range(times):
            assert problem(await sign_in(client, email, "wrong")) == WRONG


async def guess_from_everywhere(side: HttpSide) -> None:
    """As many guessers as use up the loose limit of the e-mail address."""
    for number in range(EMAIL_RULE.burst // GUESSER_RULE.burst):
        await guess(side, f"198.18.{number}.1", GUESSER_RULE.burst)


async def device_of(side: HttpSide, email: str = ANA, device: str = "") -> str:
    """The device cookie after a sign-in from elsewhere."""
    answer = await attempt(side, "192.0.2.9", device=device, email=email)
    no_content(answer)
    return answer.cookies[DEVICE_COOKIE]


async def attempt(
    side: HttpSide, address: str, password: str = PASSWORD, device: str = "", email: str = ANA
) -> httpx.Response:
    """A sign-in in a new browser, with a device cookie where there is one."""
    cookies = {"cookie": f"{DEVICE_COOKIE}={device}"} if device else {}
    async with side.client(address, origin=ORIGIN, **cookies) as client:
        return await sign_in(client, email, password)


async def test_the_right_password_is_taken_from_elsewhere_while_a_guesser_is_at_work(side: HttpSide) -> None:
    """A guess a second, and after each one the agent, in a browser that is not known."""
    side.clock.stop()
    answers = []
    for number in range(81):
        guessed = await attempt(side, "198.51.100.66", "wrong")
        assert problem(guessed) in {WRONG, TOO_FAST}
        answers.append((await attempt(side, f"203.0.113.{number}")).status_code)
        side.clock.ahead_ms += 1000
    assert answers == [204] * 81


async def test_a_guesser_is_refused_with_the_time_to_wait(side: HttpSide) -> None:
    """I-26. The right password waits too, else the throttle would reveal it. A refused attempt is not counted."""
    side.clock.stop()
    await guess(side, ELSEWHERE, GUESSER_RULE.burst)
    for password in ("wrong", PASSWORD, "wrong", "wrong"):
        answer = await attempt(side, ELSEWHERE, password)
        assert problem(answer) == TOO_FAST
        wait_s = answer.json()["retry_after_s"]
        assert 0 < wait_s <= GUESSER_RULE.interval_ms / 1000
        assert answer.headers["retry-after"] == str(wait_s)
        assert str(wait_s) in answer.json()["detail"]
    side.clock.ahead_ms += GUESSER_RULE.interval_ms
    no_content(await attempt(side, ELSEWHERE))


async def test_guesses_of_one_ipv6_network_are_counted_together(side: HttpSide) -> None:
    side.clock.stop()
    for number in range(GUESSER_RULE.burst):
        await guess(side, f"2001:db8:0:1::{number:x}", 1)
    assert problem(await attempt(side, "2001:db8:0:1:ffff::1")) == TOO_FAST
    no_content(await attempt(side, "2001:db8:0:2::1"))


async def test_simultaneous_guesses_are_all_counted(side: HttpSide) -> None:
    side.clock.stop()
    statuses = []
    for _ in range(GUESSER_RULE.burst):
        answers = await asyncio.gather(attempt(side, ELSEWHERE, "wrong"), attempt(side, ELSEWHERE, "wrong"))
        statuses += [answer.status_code for answer in answers]
    assert sorted(statuses) == [401] * GUESSER_RULE.burst + [429] * GUESSER_RULE.burst


async def test_many_guessers_at_one_account_do_not_refuse_a_browser_that_signed_in_before(side: HttpSide) -> None:
    side.clock.stop()
    device = await device_of(side)
    await guess_from_everywhere(side)
    assert problem(await attempt(side, ELSEWHERE)) == TOO_FAST
    no_content(await attempt(side, ELSEWHERE, device=device))
    # Another account is not concerned, and this one is free again with time.
    async with side.client(ELSEWHERE, origin=ORIGIN) as client:
        no_content(await sign_in(client, ROOT))
    side.clock.ahead_ms += EMAIL_RULE.interval_ms
    no_content(await attempt(side, ELSEWHERE))


async def test_a_known_browser_has_a_count_of_its_own(side: HttpSide) -> None:
    """Neither a guesser behind the same address counts for it, nor it for others there."""
    side.clock.stop()
    device = await device_of(side)
    await guess(side, ELSEWHERE, GUESSER_RULE.burst)
    for _ in range(DEVICE_RULE.burst):
        assert problem(await attempt(side, ELSEWHERE, "wrong", device)) == WRONG
    assert problem(await attempt(side, ELSEWHERE, device=device)) == TOO_FAST
    no_content(await attempt(side, "203.0.113.201"))
    side.clock.ahead_ms += DEVICE_RULE.interval_ms
    no_content(await attempt(side, ELSEWHERE, device=device))


async def test_a_device_counts_for_its_agent_and_its_time_only(side: HttpSide) -> None:
    side.clock.stop()
    other = await device_of(side, ROOT)
    own = await device_of(side)
    await guess(side, ELSEWHERE, GUESSER_RULE.burst)
    for device in (other, "x" * 43, "", own[:-1], own.swapcase(), f"{other}.{other}.{other}.{own}"):
        assert problem(await attempt(side, ELSEWHERE, device=device)) == TOO_FAST, device
    no_content(await attempt(side, ELSEWHERE, device=f"{other}.{own}"))
    side.clock.ahead_ms += DEVICE_MS
    await guess(side, ELSEWHERE, GUESSER_RULE.burst)
    assert problem(await attempt(side, ELSEWHERE, device=own)) == TOO_FAST


async def test_agents_share_a_browser_and_a_repeated_sign_in_keeps_the_device(side: HttpSide) -> None:
    first = await device_of(side)
    assert await device_of(side, device=first) == first
    both = await device_of(side, ROOT, first)
    assert both.split(".")[1:] == [first]
    assert await device_of(side, device=both) == both
    strange = ".".join(["x" * 43] * MAX_DEVICES)
    assert len((await device_of(side, device=strange)).split(".")) == MAX_DEVICES


async def test_one_address_that_guesses_at_many_accounts_is_throttled(side: HttpSide) -> None:
    side.clock.stop()
    async with side.client(origin=ORIGIN) as client:
        for number in range(ADDRESS_RULE.burst):
            assert problem(await sign_in(client, f"n{number}@shop.test", "wrong")) == WRONG
        assert problem(await sign_in(client, ANA)) == TOO_FAST
        forged = await sign_in(client, ANA, **{"x-forwarded-for": "192.0.2.1"})
        assert problem(forged) == TOO_FAST
    no_content(await attempt(side, ELSEWHERE))


async def test_frequent_successful_sign_ins_are_not_throttled(side: HttpSide) -> None:
    side.clock.stop()
    async with side.client(origin=ORIGIN) as client:
        for _ in range(GUESSER_RULE.burst * 2):
            no_content(await sign_in(client))
            client.cookies.clear()


async def test_an_intruder_in_one_session_does_not_keep_the_agent_from_a_new_password(side: HttpSide) -> None:
    side.clock.stop()
    change = {"current": "wrong", "new": "a new horse battery"}
    async with side.signed_in(ANA) as ana, side.signed_in(ANA) as intruder:
        for _ in range(GUESS_RULE.burst):
            assert problem(await intruder.post("/api/v1/me/password", json=change)) == WRONG
        assert problem(await intruder.post("/api/v1/me/password", json=change)) == TOO_FAST
        no_content(await ana.post("/api/v1/me/password", json={**change, "current": PASSWORD}))


async def test_simultaneous_takes_of_a_new_key_grant_the_burst_exactly(side: HttpSide) -> None:
    rule = Rule(burst=20, interval_ms=1000)
    waits = await asyncio.gather(*(side.store.throttles.take("key", rule, FUTURE_MS) for _ in range(60)))
    assert sorted(waits) == [0] * 20 + [1000] * 40


@pytest.mark.parametrize("seed", range(3))
async def test_the_database_counts_as_the_rule_says(side: HttpSide, seed: int) -> None:
    """Also for a clock that steps back."""
    randoms, now, full_at_ms = random.Random(seed), FUTURE_MS, 0  # noqa: S311 - no secret
    rule = Rule(burst=randoms.randint(1, 4), interval_ms=randoms.randint(1, 300))
    for _ in range(60):
        now += randoms.randint(-50, 250)
        taken = take(rule, full_at_ms, now)
        full_at_ms = taken.full_at_ms
        assert await side.store.throttles.take("key", rule, now) == taken.retry_ms
    kept = await side.collection("throttles").find_one({"_id": "key"})
    assert kept is not None
    assert kept["full_at_ms"] == full_at_ms
