"""Validation of a site's colours and origins, and of names and e-mail addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts import site_settings, validation
from services.gateway.accounts.identity import SITE_KEY
from services.gateway.accounts.origins import allowed
from services.gateway.accounts.site_settings import contrast, text_on

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_the_text_on_every_colour_has_enough_contrast(background: str) -> None:
    """WCAG 1.4.3."""
    assert contrast(text_on(background), background) >= 4.5


def test_contrast_is_the_ratio_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(st.text())
def test_only_colours_are_accepted(text: str) -> None:
    try:
        kept = site_settings.colour(text)
    except ValueError:
        return
    assert len(kept) == 7
    int(kept[1:], 16)


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("https://Shop.Example", "https://shop.example"),
        (" https://shop.example:443/ ", "https://shop.example"),
        ("http://shop.example:8080", "http://shop.example:8080"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("loopback", "loopback"),
    ],
)
def test_an_origin_is_stored_in_one_form(rule: str, kept: str) -> None:
    assert site_settings.origins([rule]) == (kept,)
    assert kept == "loopback" or allowed(kept, [kept])


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("https://shop.example/shoes", "is no origin"),
        ("https://shop.example/?a=1", "is no origin"),
        ("shop.example", "is no origin"),
        ("https://ana@shop.example", "is no origin"),
        ("ftp://shop.example", "is no origin"),
        ("", "is no origin"),
        ("http://shop.example", "https://"),
    ],
)
def test_the_first_origin_of_a_site_is_no_page_and_uses_https(rule: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        site_settings.first_origin(rule, https_only=True)


def test_the_first_origin_may_use_http_in_development() -> None:
    assert site_settings.first_origin("http://127.0.0.1:3000/", https_only=False) == "http://127.0.0.1:3000"
    assert site_settings.first_origin("https://Shop.example/", https_only=True) == "https://shop.example"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("The corner shop", "the-corner-shop"),
        ("  Compañía  Núñez & Söhne, S.L. ", "compania-nunez-sohne-s-l"),
        ("店", "site"),
        ("ab " * 40, "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a"),
    ],
)
def test_the_key_of_a_new_site_comes_from_its_name(name: str, key: str) -> None:
    assert site_settings.key_of(name) == key


@given(st.text())
def test_every_name_gives_a_key(name: str) -> None:
    assert SITE_KEY.fullmatch(site_settings.key_of(name))


@pytest.mark.parametrize("blank", ["   ", "\u200b", "\u2800", "\u3164", "\U000e0041", "\ufe0f"])
def test_a_text_without_a_visible_character_is_empty(blank: str) -> None:
    given = site_settings.WidgetTexts(title=blank, online=f" Hi{blank} ", offline=blank)
    kept = site_settings.texts(given)
    assert (kept.title, kept.online.startswith("Hi"), kept.offline) == ("", True, "")
    with pytest.raises(ValueError, match="letter or digit"):
        validation.name(blank)


@pytest.mark.parametrize(
    "email",
    ["a@b", "@b.test", "a@", "a b@c.test", "a@b..test", "a@-b.test", "<a@b.test>", "a@b.test\n.x", "a\u200b@b.test"],
)
def test_an_invalid_email_address_is_refused(email: str) -> None:
    with pytest.raises(ValueError, match="e-mail"):
        validation.email(email)


@pytest.mark.parametrize("email", ["a@b.test", "Ana.Pérez+shop@mail.example.co.uk", "a@xn--bcher-kva.example"])
def test_an_email_address_is_stored_in_lower_case(email: str) -> None:
    assert validation.email(f" {email} ") == email.lower()


@pytest.mark.parametrize("text", ["", "  ", "…", "a\u202eb", "a\0b", "x" * 101])
def test_an_invalid_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        validation.name(text)


@pytest.mark.parametrize("text", ["Ana", "李小龍", "Ana 👩🏽\u200d💻", "محمد", "O'Brien-Núñez"])
def test_names_of_many_scripts_are_accepted(text: str) -> None:
    assert validation.name(text) == text
