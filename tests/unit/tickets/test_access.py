"""Access rule of tickets: our own services act for the person that they name, any other caller acts as itself."""

import pytest
from palique.tickets.v1 import tickets_pb2

from kit.codes import Code, Refused
from kit.rpc.auth import Caller
from services.tickets.domain.person import Person
from services.tickets.rpc import actor

GATEWAY, CRM = Caller("gateway", "*"), Caller("crm", "acme")
ANA = tickets_pb2.Person(kind="agent", id="ana", name="Ana")


def test_our_own_service_acts_for_the_person_that_it_names() -> None:
    assert actor(GATEWAY, ANA) == Person("agent", "ana", "Ana")


def test_our_own_service_must_name_a_valid_person() -> None:
    for bad in (tickets_pb2.Person(), tickets_pb2.Person(kind="root", id="ana"), tickets_pb2.Person(kind="agent")):
        with pytest.raises(Refused) as refused:
            actor(GATEWAY, bad)
        assert refused.value.code is Code.INVALID


@pytest.mark.parametrize("named", [ANA, tickets_pb2.Person(), tickets_pb2.Person(kind="system", id="palique")])
def test_a_caller_with_a_token_of_one_site_acts_as_itself(named: tickets_pb2.Person) -> None:
    assert actor(CRM, named) == Person("integration", "crm", "crm")
