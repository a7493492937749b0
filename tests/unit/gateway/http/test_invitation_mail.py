"""Mails with a link: what they say in each language, and names that try to be more than names."""

import pytest

from kit.vocabulary import LANGUAGES, Language
from services.gateway.http.invitation_mail import TEXTS, Invitee, MailText, invitation_mail, trial_mail

LINK = "https://desk.example/dashboard/#invitation=abc_-123"
AT_MS = 1_767_225_600_000


def mail(language: Language, *, has_password: bool = False, name: str = "Nora", site: str = "Shop") -> MailText:
    to = Invitee(name, "nora@shop.test", has_password)
    return invitation_mail(language, to, by="Ana", site=site, link=LINK, expires_at_ms=AT_MS)


def test_every_language_has_every_text() -> None:
    assert set(TEXTS) == set(LANGUAGES)
    assert len({frozenset(texts) for texts in TEXTS.values()}) == 1


@pytest.mark.parametrize("has_password", [False, True])
@pytest.mark.parametrize("language", list(LANGUAGES))
def test_it_has_the_link_its_end_and_says_that_its_address_is_not_read(language: Language, has_password: bool) -> None:
    found = mail(language, has_password=has_password)
    assert LINK in found.text.splitlines()
    assert f'<a href="{LINK}">' in found.html
    for said in ("Nora", "nora@shop.test", "2026-01-01 00:00", TEXTS[language]["unread"]):
        assert said in found.text
        assert said in found.html
    assert "Shop" in found.subject


def test_the_languages_and_the_kinds_differ() -> None:
    assert mail("en").subject == "Ana invites you to Shop"
    assert mail("es").subject == "Ana te invita a Shop"
    assert mail("es", has_password=True).subject == "Elige una contraseña nueva para Shop"


def test_a_name_adds_neither_markup_nor_a_header_nor_a_placeholder() -> None:
    found = mail("en", name="<img src=x>{link}", site="Shop\r\nBcc: a@b.test" + "x" * 200)
    assert "<img" not in found.html
    assert "&lt;img src=x&gt;{link}" in found.html
    assert "\r" not in found.subject
    assert "\n" not in found.subject
    assert len(found.subject) <= 200


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_test_mail_says_so(language: Language) -> None:
    found = trial_mail(language, "Shop")
    assert "Shop" in found.subject
    assert TEXTS[language]["unread"] in found.text
