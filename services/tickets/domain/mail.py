"""A mail in the queue, and what follows from each try. Pure: times are arguments.

Invariants: a mail that has ended is never tried again and has no content. `next_at_ms` of a mail in the queue is the time of its
next try, or the end of the lease of the process that tries now. Each claim raises `tries` by one.
"""

from typing import Literal, NamedTuple

import msgspec

SUBJECT_LIMIT = 200
TEXT_LIMIT = 20_000
HTML_LIMIT = 40_000
ANSWER_LIMIT = 500
MAX_WAITING = 1000

_MINUTE_MS = 60_000
# Longer than a try (`services/tickets/smtp.py`). After a kill the next process tries again at its end.
LEASE_MS = 2 * _MINUTE_MS
# Greylisting takes a mail after some minutes.
WAITS_MS = tuple(minutes * _MINUTE_MS for minutes in (1, 5, 10, 30, 60))
LAST_WAIT_MS = 120 * _MINUTE_MS
TRIED_FOR_MS = 48 * 60 * _MINUTE_MS

State = Literal["queued", "sent", "refused", "expired"]
Outcome = Literal["sent", "refused", "later"]
Fault = Literal["", "connection", "tls", "sign_in", "reply"]


class Content(msgspec.Struct, frozen=True):
    """What the mail server gets, apart from the headers."""

    to: str
    subject: str
    text: str
    html: str


class Mail(msgspec.Struct, frozen=True):
    """`id` is the first part of the Message-ID, the same at each try. `fault` and `answer` are those of the last try."""

    id: str = msgspec.field(name="_id")
    site: str
    state: State
    content: Content | None
    created_at_ms: int
    until_ms: int
    next_at_ms: int
    tries: int = 0
    fault: Fault = ""
    answer: str = ""


class TryResult(NamedTuple):
    """The end of a try. `later`: the server may take the mail at another time."""

    outcome: Outcome
    fault: Fault
    answer: str


def new_mail(mail_id: str, site: str, content: Content, until_ms: int, now_ms: int) -> Mail:
    """A mail that is due now. `until_ms` 0: the longest time."""
    last_ms = now_ms + TRIED_FOR_MS
    until_ms = min(until_ms, last_ms) if until_ms else last_ms
    return Mail(mail_id, site, "queued", content, created_at_ms=now_ms, until_ms=until_ms, next_at_ms=now_ms)


def claim(mail: Mail, now_ms: int) -> Mail:
    """A due mail in the hand of one process, or at its end when its time is over."""
    if now_ms >= mail.until_ms:
        return _ended(mail, "expired")
    return msgspec.structs.replace(mail, tries=mail.tries + 1, next_at_ms=now_ms + LEASE_MS)


def after_try(mail: Mail, result: TryResult, now_ms: int) -> Mail:
    """The claimed mail after its try: at its end, or with the time of the next try."""
    tried = msgspec.structs.replace(mail, fault=result.fault, answer=result.answer[:ANSWER_LIMIT])
    if result.outcome != "later":
        return _ended(tried, result.outcome)
    next_at_ms = now_ms + wait_ms(mail.tries)
    if next_at_ms >= mail.until_ms:
        return _ended(tried, "expired")
    return msgspec.structs.replace(tried, next_at_ms=next_at_ms)


def wait_ms(tries: int) -> int:
    """The time from the end of this try to the next one."""
    return WAITS_MS[tries - 1] if tries <= len(WAITS_MS) else LAST_WAIT_MS


def _ended(mail: Mail, state: State) -> Mail:
    return msgspec.structs.replace(mail, state=state, content=None)
