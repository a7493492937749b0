"""The rule for new passwords: length, common passwords, and what is known about the agent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.model import Site
from services.gateway.accounts.password_rule import MAX_PASSWORD, MIN_PASSWORD, new_password, texts_around

SITE = Site(key="shop", name="The Corner Shop", enabled=True, origins=())
KNOWN = texts_around("Ana López", "ana.garcia@tienda.example", SITE.key, SITE)


@pytest.mark.parametrize(
    "text",
    [
        "a new horse battery",
        "casa perro luna",
        "xk3jf93kd02k",
        "我喜欢在雨中散步喝茶吃饭",
        "пять зелёных слонов",
        # A long rest makes a name in it harmless.
        "ana paints nine barns",
        "correct horse battery staple" * 30,
    ],
)
def test_a_password_that_is_hard_to_guess_is_taken_unchanged(text: str) -> None:
    assert new_password(text, KNOWN) == text


@pytest.mark.parametrize(
    "text",
    ["", "short", "xk3jf93kd02"[:MIN_PASSWORD], "é" * 5 + "x7-Q", "a new horse battery " * 51],
)
def test_the_length_is_checked(text: str) -> None:
    with pytest.raises(ValueError, match=f"{MIN_PASSWORD} to {MAX_PASSWORD}"):
        new_password(text, KNOWN)


COMMON = [
    "password1234",
    "Password12345!",
    "P@ssw0rd2024",
    "123456789012",
    "111222333444",
    "qwertyuiopas",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "iloveyou1234",
    "letmeinletmein",
    "hunter2 hunter2",
    "contraseña1234",
    "C o n t r a s e ñ a 2024",
    "bienvenido2024",
    " " * 14,
    "⠀" * 14,
    "😀" * 14,
]
THEIRS = [
    "ana lopez 1990",
    "López.Ana.2024",
    "LOPEZ-lopez-12",
    "ana.garcia@tienda.example",
    "tienda.example",
    "Tienda-García-99",
    "The Corner Shop",
    "cornershop2024",
    "palique-demo",
    "Palique Palique",
    "soporte-palique",
]


@pytest.mark.parametrize("text", COMMON + THEIRS)
def test_a_password_that_a_guesser_tries_early_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="harder to guess"):
        new_password(text, KNOWN)


def test_what_is_known_about_one_agent_binds_no_other() -> None:
    assert new_password("cornershop2024", ("Berta", "berta@other.example")) == "cornershop2024"


@given(st.text(), st.lists(st.text(max_size=30), max_size=4))
def test_any_text_is_taken_unchanged_or_refused(text: str, known: list[str]) -> None:
    try:
        taken = new_password(text, known)
    except ValueError:
        return
    assert taken == text
