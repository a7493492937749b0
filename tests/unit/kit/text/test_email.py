"""E-mail addresses: the normal form, the form for comparison, and what is refused."""

import unicodedata

import pytest

from kit.text.email import MAX_EMAIL, comparable, displayed, normal_form

WORLD = [
    "Ana.López@correo.example",
    "ana@münchen.example",
    "用户@例子.广告",
    "राम@मोहन.ईन्फो",
    "квіточка@пошта.укр",
    "o'neil+shop@mail.example.co.uk",
    "root@intranet.local",
]


@pytest.mark.parametrize("address", WORLD)
def test_addresses_of_every_script_are_accepted_in_one_form(address: str) -> None:
    assert normal_form(f" {address} ") == address
    assert normal_form(unicodedata.normalize("NFD", address)) == address
    assert comparable(address) == comparable(unicodedata.normalize("NFD", address.upper()))


def test_the_local_part_keeps_its_case_and_the_domain_loses_it() -> None:
    assert normal_form("Ana.López@MÜNCHEN.Example") == "Ana.López@münchen.example"


def test_both_forms_of_a_domain_compare_equal_and_are_displayed_in_unicode() -> None:
    assert (
        comparable("ANA@xn--mnchen-3ya.example") == comparable("ana@münchen。example") == "ana@xn--mnchen-3ya.example"
    )
    assert displayed("ana@xn--mnchen-3ya.example") == "ana@münchen.example"
    assert displayed("no address") == "no address"


@pytest.mark.parametrize(
    "text",
    ["", "ana", "@x.example", "ana@", "ana@localhost", "a b@x.example", "a\u200b@x.example", "a@x\u202e.example", "a..b@x.example",
     "a@x..example", "a@-x.example", "<a@x.example>", "a@x.example, b@x.example", "a@b.c\nBcc: x@y.example", "a\0@x.example",
     "\u0301a@x.example", "a@x.example\u2800", "a@[127.0.0.1]", f"{'é' * 125}@x.example", f"a@{'x.' * (MAX_EMAIL // 2)}example"],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    for rule in (normal_form, comparable):
        with pytest.raises(ValueError, match=r".+"):
            rule(text)
