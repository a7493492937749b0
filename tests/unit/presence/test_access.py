"""Access rules of presence: which callers report connections, in whose name notes are written, which notes may be edited."""

import pytest

from kit.codes import Code, Refused
from kit.rpc.auth import Caller
from services.presence.domain.visitor import Person
from services.presence.rpc import may_edit_others, note_author, require_gateway

GATEWAY, CRM = Caller("gateway", "*"), Caller("crm", "acme")
ANA = Person("agent", "a1", "Ana")


def test_only_our_own_services_report_connections() -> None:
    require_gateway(GATEWAY)
    with pytest.raises(Refused) as refused:
        require_gateway(CRM)
    assert refused.value.code is Code.FORBIDDEN


def test_our_own_service_writes_in_the_name_of_the_person_that_it_names() -> None:
    assert note_author(GATEWAY, "author", ANA) == ANA


@pytest.mark.parametrize(
    ("named", "field"),
    [
        (Person("visitor", "v1", "Vera"), "editor_kind"),
        (Person("", "a1", "Ana"), "editor_kind"),
        (Person("agent", "", "Ana"), "editor"),
        (Person("agent", "$ne", "Ana"), "editor"),
        (Person("agent", "a1", "n" * 101), "editor_name"),
    ],
)
def test_a_visitor_and_an_invalid_person_write_no_notes(named: Person, field: str) -> None:
    with pytest.raises(Refused, match=field) as refused:
        note_author(GATEWAY, "editor", named)
    assert refused.value.code is Code.INVALID


@pytest.mark.parametrize("named", [ANA, Person("", "", ""), Person("visitor", "v1", "Vera")])
def test_a_caller_with_a_token_of_one_site_writes_in_its_own_name(named: Person) -> None:
    assert note_author(CRM, "author", named) == Person("integration", "crm", "crm")


def test_only_our_own_service_can_say_that_an_editor_is_an_administrator() -> None:
    assert may_edit_others(GATEWAY, is_administrator=True)
    assert not may_edit_others(GATEWAY, is_administrator=False)
    assert not may_edit_others(CRM, is_administrator=True)
