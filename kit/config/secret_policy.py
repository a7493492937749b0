"""Weak secrets: well-known passwords and short tokens. Pure.

Checked in production only; the development stack uses weak ones.
"""

from typing import Literal
from urllib.parse import parse_qs, urlsplit

# The form of a secret: the password of a URL, one token, `name:scope:token`, or a password of another server.
SecretKind = Literal["mongodb_url", "amqp_url", "token", "named_token", "password"]

# From manuals, images and examples, those of this project included.
WELL_KNOWN = frozenset(
    {"admin", "change-me", "change_me", "changeme", "demo", "example", "guest", "palique", "palique-demo", "password",
     "placeholder", "rabbitmq", "root", "secret", "test", "token"}
)  # fmt: skip
# 32 letters of base64 are 192 bits; `openssl rand -base64 32` prints 44.
SHORTEST_TOKEN = 32


def fault(kind: SecretKind, value: str) -> str | None:
    """Why this secret is too weak for production, without its value; None when it is not."""
    if kind in ("token", "named_token"):
        token = value.split(":", 2)[-1] if kind == "named_token" else value
        if len(token) < SHORTEST_TOKEN:
            return f"a token has {SHORTEST_TOKEN} characters at least; `openssl rand -base64 32` makes one"
        return None
    if kind == "password":
        return "the password is well known" if value.lower() in WELL_KNOWN else None
    return _fault_of_url(kind, value)


def _fault_of_url(kind: SecretKind, url: str) -> str | None:
    try:
        password = urlsplit(url).password
    except ValueError:
        return "it is no URL"
    if password is not None:
        return "its password is well known" if password.lower() in WELL_KNOWN else None
    if kind == "amqp_url":
        return "it names no user, which means RabbitMQ's well-known guest"
    # A certificate replaces the password.
    if "authMechanism" in parse_qs(urlsplit(url).query):
        return None
    return "it names no user: a database without a password is open to every process that reaches it"
