"""A caller with a token of one site acts as itself; Palique's own services act for the person that they name."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from kit.codes import Code, Refused
from kit.rpc.auth import ALL_SITES, Caller, Tokens

GATEWAY = Caller("gateway", ALL_SITES)
CRM = Caller("crm", "acme")


class Person(NamedTuple):
    kind: str
    id: str
    name: str


ANA = Person("agent", "ana", "Ana")


def refuse() -> Person:
    raise Refused(Code.INVALID, "no such person")


def test_an_own_service_acts_as_the_person_it_names() -> None:
    assert GATEWAY.acts_as(lambda: ANA, Person) == ANA


def test_an_own_service_that_names_no_valid_person_is_refused() -> None:
    with pytest.raises(Refused):
        GATEWAY.acts_as(refuse, Person)


@pytest.mark.parametrize("named", [lambda: ANA, lambda: Person("integration", "erp", "erp"), refuse])
def test_a_sites_caller_acts_as_itself_whatever_it_names(named: Callable[[], Person]) -> None:
    assert CRM.acts_as(named, Person) == Person("integration", "crm", "crm")


def test_a_token_whose_scope_is_no_star_is_never_an_own_service() -> None:
    for scope in ("acme", "**", "", "* "):
        assert not Caller("gateway", scope).is_ours


@pytest.mark.parametrize(
    ("scope", "site", "allowed"),
    [
        ("acme", "acme", True),
        (ALL_SITES, "acme", True),
        ("acme", "other", False),
        ("acme", "", False),
        (ALL_SITES, "", False),
    ],
)
def test_a_caller_reaches_the_sites_of_its_scope_only(scope: str, site: str, allowed: bool) -> None:
    assert Caller("x", scope).may(site) is allowed


def test_a_token_belongs_to_the_caller_it_was_written_for() -> None:
    tokens = Tokens(["gateway:*:s3cret", "crm:acme:other"])
    assert tokens.caller("Bearer s3cret") == GATEWAY
    assert tokens.caller("Bearer other") == CRM
    for wrong in ("Bearer s3cre", "Bearer s3crett", "s3cret", "Bearer ", "", "bearer s3cret"):
        assert tokens.caller(wrong) is None
