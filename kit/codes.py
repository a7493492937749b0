"""The one table of codes: errors, and close codes with the reaction of a client.

Python imports it; the TypeScript client's table and the tables of docs/protocol.md are generated from it
(`make generate`) and checked for drift. A code once published keeps its meaning.
"""

import random
import re
from enum import IntEnum, StrEnum
from typing import NamedTuple

LONGEST_PAUSE_S = 30.0


class Code(StrEnum):
    """Why a request was refused. Travels in frames, problem bodies and gRPC details."""

    INVALID = "invalid"
    UNKNOWN_TYPE = "unknown_type"
    NOT_SIGNED_IN = "not_signed_in"
    WRONG_CREDENTIALS = "wrong_credentials"
    PROOF_NEEDED = "proof_needed"
    WRONG_CODE = "wrong_code"
    CODE_EXPIRED = "code_expired"
    ALREADY_SET_UP = "already_set_up"
    FORBIDDEN = "forbidden"
    ORIGIN_REFUSED = "origin_refused"
    SITE_DISABLED = "site_disabled"
    NOT_FOUND = "not_found"
    CLOSED = "closed"
    NOT_ASSIGNED = "not_assigned"
    ALREADY_ASSIGNED = "already_assigned"
    SWITCHED_OFF = "switched_off"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    TOO_FAST = "too_fast"
    RETRY = "retry"
    UNAVAILABLE = "unavailable"
    OVERLOADED = "overloaded"
    INTERNAL = "internal"


class ErrorRow(NamedTuple):
    """One row of the table of error codes."""

    http: int
    meaning: str


ERRORS: dict[Code, ErrorRow] = {
    Code.INVALID: ErrorRow(400, "A field is missing, malformed or out of bounds; the message names it."),
    Code.UNKNOWN_TYPE: ErrorRow(400, "The server does not know this type of frame."),
    Code.NOT_SIGNED_IN: ErrorRow(401, "No session, or it has expired."),
    Code.WRONG_CREDENTIALS: ErrorRow(401, "E-mail and password do not match an account."),
    Code.PROOF_NEEDED: ErrorRow(403, "The sign-in was long ago; prove the password again, then repeat the request."),
    Code.WRONG_CODE: ErrorRow(403, "The set-up code is not the newest one."),
    Code.CODE_EXPIRED: ErrorRow(403, "The set-up code has expired; `palique setup` prints a new one."),
    Code.ALREADY_SET_UP: ErrorRow(409, "The installation has a site already; set-up happens once."),
    Code.FORBIDDEN: ErrorRow(403, "Signed in, but this role may not."),
    Code.ORIGIN_REFUSED: ErrorRow(403, "The page's origin is not one of the site's."),
    Code.SITE_DISABLED: ErrorRow(403, "Live chat is switched off for this site."),
    Code.NOT_FOUND: ErrorRow(404, "Missing, or not this caller's: the answer is the same."),
    Code.CLOSED: ErrorRow(409, "The conversation has ended; the next message opens a new one."),
    Code.NOT_ASSIGNED: ErrorRow(409, "The conversation is not this agent's."),
    Code.ALREADY_ASSIGNED: ErrorRow(409, "Another agent has the conversation."),
    Code.SWITCHED_OFF: ErrorRow(409, "The setting of the site that the message names is off."),
    Code.CONFLICT: ErrorRow(409, "Another change came first; the answer carries the current state."),
    Code.TOO_LARGE: ErrorRow(413, "Larger than the limit that the message names."),
    Code.TOO_FAST: ErrorRow(429, "Too many in a short time; the message says until when."),
    Code.RETRY: ErrorRow(503, "The outcome is unknown; send the same again, with the same client id."),
    Code.UNAVAILABLE: ErrorRow(503, "A service or database is unreachable; nothing was done."),
    Code.OVERLOADED: ErrorRow(503, "Too much load; no more work is accepted now."),
    Code.INTERNAL: ErrorRow(500, "A fault of the server; the message names the request, which the log explains."),
}


class Close(IntEnum):
    """Why the server closes a websocket."""

    GOING_AWAY = 1001
    INTERNAL_ERROR = 1011
    RESTART = 1012
    PROTOCOL_ERROR = 4400
    NOT_SIGNED_IN = 4401
    FORBIDDEN = 4403
    TOO_SLOW = 4408
    REPLACED = 4409
    VERSION_GONE = 4410
    TOO_LARGE = 4413
    TOO_FAST = 4429
    OVERLOADED = 4503


class Reaction(StrEnum):
    """What the client's connection machine does after a close code."""

    RECONNECT = "reconnect"
    STOP = "stop"
    SESSION = "session"
    RELOAD = "reload"
    WAIT = "wait"


class CloseRow(NamedTuple):
    """One row of the table of close codes. `reaction` is for the connection machine, `client` its description in the protocol."""

    reaction: Reaction
    meaning: str
    client: str


CLOSES: dict[Close, CloseRow] = {
    Close.GOING_AWAY: CloseRow(Reaction.RECONNECT, "going away", "reconnect with jitter"),
    Close.INTERNAL_ERROR: CloseRow(Reaction.RECONNECT, "fault of the server", "reconnect with jitter"),
    Close.RESTART: CloseRow(Reaction.RECONNECT, "restart", "reconnect with jitter"),
    Close.PROTOCOL_ERROR: CloseRow(Reaction.STOP, "protocol error", "stop, report"),
    Close.NOT_SIGNED_IN: CloseRow(Reaction.SESSION, "not signed in, expired", "new session once, then stop"),
    Close.FORBIDDEN: CloseRow(Reaction.STOP, "forbidden, banned, revoked", "stop"),
    Close.TOO_SLOW: CloseRow(Reaction.RECONNECT, "too slow", "reconnect with jitter, fetch"),
    Close.REPLACED: CloseRow(Reaction.STOP, "replaced by newer sockets of the same person", "stop"),
    Close.VERSION_GONE: CloseRow(Reaction.RELOAD, "version no longer served", "reload"),
    Close.TOO_LARGE: CloseRow(Reaction.STOP, "frame too large", "stop, report"),
    Close.TOO_FAST: CloseRow(Reaction.WAIT, "too fast", "wait for the time in the reason"),
    Close.OVERLOADED: CloseRow(Reaction.RECONNECT, "overloaded", "reconnect with jitter"),
}


def pause_s(code: int | None, reason: str, failures: int) -> float | None:
    """How long a client waits before it connects again, after so many connections in a row without a `welcome`; None when it does not.

    `code` is None when the connection broke without a close.
    """
    row = CLOSES[Close(code)] if code in set(Close) else None
    reaction = row.reaction if row else Reaction.RECONNECT
    if reaction is Reaction.WAIT:
        wait_ms = re.search(r"[0-9]+", reason)
        return int(wait_ms[0]) / 1000 if wait_ms else LONGEST_PAUSE_S
    if reaction is not Reaction.RECONNECT:
        return None
    # Full jitter, so that thousands of clients do not return at once.
    return random.uniform(0, min(LONGEST_PAUSE_S, 0.5 * 2 ** min(failures, 10)))  # noqa: S311 - needs no secrecy


class Refused(Exception):
    """A request that is answered with a code and a sentence; never a fault of the server.

    `retry_ms` is when the same request may be repeated; None means that this answer is final.
    """

    def __init__(self, code: Code, message: str, retry_ms: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_ms = retry_ms
