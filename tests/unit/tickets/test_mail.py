"""What follows from each try of a mail: it ends once, is tried for its time and no longer, and loses its content at its end."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.config.loader import BadSetting
from services.tickets.domain.mail import (
    LAST_WAIT_MS,
    LEASE_MS,
    TRIED_FOR_MS,
    WAITS_MS,
    Content,
    Mail,
    TryResult,
    after_try,
    claim,
    new_mail,
)
from services.tickets.settings import mail_settings

NOW = 1_700_000_000_000
CONTENT = Content("ana@shop.test", "Hello", "Hello", "<p>Hello</p>")
LATER = TryResult("later", "reply", "451 try again")
SENT = TryResult("sent", "", "250 OK")
REFUSED = TryResult("refused", "reply", "550 no such user")


def mail(until_ms: int = 0) -> Mail:
    return new_mail("0" * 32, "acme", CONTENT, until_ms, NOW)


def test_a_new_mail_is_due_now_and_has_48_hours_at_most() -> None:
    assert (mail().next_at_ms, mail().until_ms) == (NOW, NOW + TRIED_FOR_MS)
    assert mail(NOW + 5).until_ms == NOW + 5
    assert mail(NOW + TRIED_FOR_MS + 5).until_ms == NOW + TRIED_FOR_MS


def test_a_refusal_for_ever_and_an_acceptance_end_it_at_once() -> None:
    for result, state in ((SENT, "sent"), (REFUSED, "refused")):
        after = after_try(claim(mail(), NOW), result, NOW)
        assert (after.state, after.content, after.answer) == (state, None, result.answer)


def test_a_mail_whose_time_is_over_is_not_tried() -> None:
    late = claim(mail(NOW + 5), NOW + 5)
    assert (late.state, late.tries, late.content) == ("expired", 0, None)


@given(
    st.lists(st.sampled_from([LATER, LATER, LATER, SENT, REFUSED, None]), min_size=40, max_size=40),
    st.integers(0, TRIED_FOR_MS),
)
def test_any_course_of_tries_ends_once_within_its_time(results: list[TryResult | None], time_ms: int) -> None:
    """None: the process is killed during the try, and the lease ends."""
    now, current = NOW, mail(NOW + time_ms if time_ms else 0)
    for result in results:
        claimed = claim(current, now)
        if claimed.state == "queued":
            assert now < claimed.until_ms
            assert (claimed.tries, claimed.next_at_ms) == (current.tries + 1, now + LEASE_MS)
        current = claimed if result is None or claimed.state != "queued" else after_try(claimed, result, now)
        assert (current.content is None) == (current.state != "queued")
        if current.state != "queued":
            break
        assert now < current.next_at_ms <= now + LAST_WAIT_MS
        now = current.next_at_ms
    assert current.id == "0" * 32
    assert current.state != "queued" or now <= current.until_ms + LAST_WAIT_MS


def test_greylisting_gets_several_tries_in_the_hour_of_a_password_link() -> None:
    now, current = NOW, mail(NOW + 3600_000)
    while current.state == "queued":
        current = claim(current, now)
        if current.state == "queued":
            current = after_try(current, LATER, now)
            now = current.next_at_ms
    assert (current.state, current.tries) == ("expired", 5)
    assert sum(WAITS_MS[:4]) < 3600_000


def test_a_mail_whose_next_try_would_be_at_its_end_ends_now() -> None:
    """So that a waiting mail always has a try before it."""
    claimed = claim(mail(NOW + WAITS_MS[0]), NOW)
    assert after_try(claimed, LATER, NOW).state == "expired"
    assert after_try(claimed, LATER, NOW - 1).state == "queued"


def test_a_stored_mail_is_read_as_it_was() -> None:
    """A field that a later version adds does not matter."""
    assert msgspec.convert({**msgspec.to_builtins(mail()), "gone_at": 1}, Mail) == mail()


def test_without_a_server_mail_is_off() -> None:
    assert mail_settings("", "", tls="starttls", user="", password="", authority="") is None


def test_the_sender_may_have_a_name() -> None:
    found = mail_settings(
        "mx.test:587", "Shop chat <chat@münchen.example>", tls="starttls", user="", password="", authority=""
    )
    assert found is not None
    assert (found.host, found.port, found.name, found.sender) == (
        "mx.test",
        587,
        "Shop chat",
        "chat@xn--mnchen-3ya.example",
    )


@pytest.mark.parametrize(
    ("server", "sender", "tls", "user", "password", "says"),
    [
        ("mx.test", "a@b.test", "starttls", "", "", "PALIQUE_MAIL_SERVER"),
        ("mx.test:x", "a@b.test", "starttls", "", "", "PALIQUE_MAIL_SERVER"),
        ("mx.test:25", "", "starttls", "", "", "PALIQUE_MAIL_SENDER"),
        ("mx.test:25", "a@b.test", "starttls", "u", "", "PALIQUE_MAIL_PASSWORD"),
        ("mx.test:25", "a@b.test", "none", "u", "p", "plain text"),
    ],
)
def test_values_that_do_not_fit_are_refused_with_a_sentence(
    server: str, sender: str, tls: str, user: str, password: str, says: str
) -> None:
    with pytest.raises(BadSetting, match=says):
        mail_settings(server, sender, tls=tls, user=user, password=password, authority="")  # type: ignore[arg-type] # a literal
