"""Bounds of mails: tries at once, addresses that a server cannot take, what a server answers, and the age that the alert reads."""

import asyncio
from typing import cast

from kit.ids import new_id
from kit.mongo import Database
from services.tickets.app.mail import MAX_TRIES
from services.tickets.domain.mail import (
    ANSWER_LIMIT,
    LEASE_MS,
    Content,
    Outcome,
    TryResult,
    after_try,
    claim,
    new_mail,
)
from services.tickets.store.mails import MailStore
from tests.integration.tickets.test_mail import TO, Mailing, content, mailing, send, server
from tests.support.eventually import eventually
from tests.support.mail_server import MailServer, mail_server

__all__ = ["mailing", "server"]


async def test_an_international_address_ends_at_a_server_that_takes_none(mailing: Mailing) -> None:
    """It would wait for two days otherwise, and the administrator would know nothing."""
    async with mail_server(international=False) as old, mailing.process(old) as (_, stub):
        result = await send(stub, content=content(to="Ana.López@shop.test"))
        assert (result.state, result.fault) == ("refused", "reply")
        assert (await send(stub)).state == "sent"
    assert old.recipients == [TO]


async def test_a_process_has_eight_mails_in_hand_and_leaves_further_ones_in_the_queue(
    mailing: Mailing, server: MailServer
) -> None:
    server.answering.clear()
    async with mailing.process(server) as (service, stub):
        results = await asyncio.gather(*(send(stub) for _ in range(MAX_TRIES + 2)))
        assert {each.state for each in results} == {"queued"}
        assert server.tries == MAX_TRIES
        server.answering.set()
        await eventually(lambda: service.metric("palique_mails_total", state="sent") == MAX_TRIES + 2)
    assert server.tries == MAX_TRIES + 2


async def test_the_age_of_the_oldest_mail_is_that_of_one_that_waits(mailing: Mailing, server: MailServer) -> None:
    async with mailing.process(server) as (service, stub):
        assert (await send(stub)).state == "sent"
        mailing.clock.ahead_ms = 7_200_000
        server.recipient_replies = ["450 4.2.0 Greylisted"]
        assert (await send(stub)).state == "queued"
        mailing.clock.ahead_ms += 30_000
        await eventually(
            lambda: service.metric("palique_mail_oldest_seconds") >= 30, sentence="the mail that waits is counted"
        )
        assert service.metric("palique_mail_oldest_seconds") < 60


async def test_an_answer_is_one_line_without_controls_and_cut(mailing: Mailing, server: MailServer) -> None:
    """It is stored and shown to administrators; the server of another company writes it."""
    server.recipient_replies = ["550 5.1.1 \x1b[31mNo\x07 such user " + "x" * 400]
    async with mailing.process(server) as (_, stub):
        result = await send(stub)
    assert result.state == "refused"
    assert result.answer.startswith("550 5.1.1  [31mNo  such user x")
    assert result.answer.isprintable()
    assert len(result.answer) <= ANSWER_LIMIT


async def test_a_sent_mail_ends_whichever_process_has_it_now_and_another_result_does_not_count(
    mailing: Mailing,
) -> None:
    """A try that took longer than its lease: the next process has claimed the mail meanwhile."""
    store = MailStore(cast(Database, mailing.mails.database))
    now = mailing.clock()
    results: tuple[tuple[Outcome, bool], ...] = (("sent", True), ("refused", False), ("later", False))
    for outcome, ends in results:
        first = claim(new_mail(new_id(), "acme", Content(TO, "Hello", "Text", ""), 0, now), now)
        assert await store.insert(first)
        assert await store.replace(first, claim(first, now + LEASE_MS))
        assert await store.replace(first, after_try(first, TryResult(outcome, "", ""), now + LEASE_MS)) is ends
        stored = await store.get(first.id)
        assert stored is not None
        assert stored.state == ("sent" if ends else "queued")
