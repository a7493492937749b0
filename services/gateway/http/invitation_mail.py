"""The mail with a link to set a password, and the test mail: as text and as simple HTML. Pure.

Names and addresses are text in both: a name cannot add markup, and a line break cannot add a header.
"""

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from kit.times import rfc3339
from kit.vocabulary import Language

TEXTS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "hello": "Hello {name},",
        "invite_subject": "{by} invites you to {site}",
        "invite": "{by} invites you to answer the chats of {site}. Choose a password here:",
        "reset_subject": "Choose a new password for {site}",
        "reset": "{by} sends you a link to choose a new password for {site}:",
        "until": "The link works once, until {until} (UTC). You sign in as {email}.",
        "unexpected": "If you do not expect this mail, delete it: nothing changes.",
        "test_subject": "Test mail of {site}",
        "test": "Mail works: the mail server took this test mail of {site}.",
        "unread": "This is an automatic mail. Answers to its address are not read.",
    },
    "es": {
        "hello": "Hola, {name}:",
        "invite_subject": "{by} te invita a {site}",
        "invite": "{by} te invita a atender los chats de {site}. Elige una contraseña aquí:",
        "reset_subject": "Elige una contraseña nueva para {site}",
        "reset": "{by} te envía un enlace para elegir una contraseña nueva para {site}:",
        "until": "El enlace funciona una vez, hasta el {until} (UTC). Entrarás como {email}.",
        "unexpected": "Si no esperabas este correo, bórralo: no cambia nada.",
        "test_subject": "Correo de prueba de {site}",
        "test": "El correo funciona: el servidor aceptó este correo de prueba de {site}.",
        "unread": "Este es un correo automático. Nadie lee las respuestas a su dirección.",
    },
}
# Of a subject, in characters. Names are cut, so that the whole fits the limit of the queue.
NAME_LIMIT = 80


class MailText(NamedTuple):
    """A mail without its address."""

    subject: str
    text: str
    html: str


class Invitee(NamedTuple):
    """The agent that gets the link. `has_password`: it replaces a forgotten one."""

    name: str
    email: str
    has_password: bool


def invitation_mail(language: Language, to: Invitee, *, by: str, site: str, link: str, expires_at_ms: int) -> MailText:
    """The mail with the link."""
    texts, kind = TEXTS[language], "reset" if to.has_password else "invite"
    until = rfc3339(expires_at_ms)[:16].replace("T", " ")
    values = {"name": to.name, "email": to.email, "by": by, "site": site, "until": until}
    lines = [texts[key].format(**values) for key in ("hello", kind)]
    rest = [texts[key].format(**values) for key in ("until", "unexpected", "unread")]
    return MailText(
        _subject(texts[f"{kind}_subject"], by, site), _plain([*lines, link, *rest]), _html(lines, rest, link)
    )


def trial_mail(language: Language, site: str) -> MailText:
    """The mail that an administrator sends to the own address."""
    texts = TEXTS[language]
    lines = [texts["test"].format(site=site), texts["unread"]]
    return MailText(_subject(texts["test_subject"], "", site), _plain(lines), _html(lines, []))


def _subject(text: str, by: str, site: str) -> str:
    return text.format(by=_one_line(by), site=_one_line(site))


def _one_line(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:NAME_LIMIT]


def _plain(lines: list[str]) -> str:
    return "\n\n".join(lines) + "\n"


def _html(lines: list[str], rest: list[str], link: str = "") -> str:
    anchor = f'<p><a href="{escape(link)}">{escape(link)}</a></p>' if link else ""
    return _paragraphs(lines) + anchor + _paragraphs(rest)


def _paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
