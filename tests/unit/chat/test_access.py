"""Access rules of chat: rights to see, write, accept, close, start and read notes, and the person that a caller acts as."""

from collections.abc import Callable

import pytest
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from kit.vocabulary import ENTRY_KINDS
from services.chat.domain.commands import (
    Accept,
    Close,
    Command,
    Release,
    Requeue,
    TakeOver,
    Write,
    decide,
    may_open_with,
    may_see,
    may_start,
)
from services.chat.domain.log import Entry, Person
from services.chat.proto_mapping import entry_pb, entry_pb_for
from services.chat.rpc import speaker_of
from tests.unit.chat.talks import ANA, BEN, CRM, SITE, STRANGER, VERA
from tests.unit.chat.waiting_chat import GATEWAY, SITES_CRM, waiting


@pytest.mark.parametrize(
    ("site", "person", "allowed"),
    [
        (SITE, VERA, True),
        (SITE, STRANGER, False),
        (SITE, ANA, True),
        (SITE, CRM, True),
        (SITE, Person("system", "palique"), True),
        ("other", VERA, False),
        ("other", ANA, False),
        ("other", CRM, False),
    ],
)
def test_a_visitor_sees_their_own_conversation_and_the_site_sees_all(site: str, person: Person, allowed: bool) -> None:
    assert may_see(waiting(), site, person) is allowed


@pytest.mark.parametrize("by", [STRANGER, ANA, BEN, CRM])
@pytest.mark.parametrize(
    "command_of",
    [
        lambda site, by: Write(site, by, "message", "1", "Hello"),
        lambda site, by: Write(site, by, "note", "1", "Hello"),
        Accept,
        Close,
        Release,
        lambda site, by: TakeOver(site, by, any_assignee=True),
        lambda site, by: Requeue(site, by, ANA, 3, "agent_lost"),
        lambda site, by: Close(site, by, any_assignee=True),
    ],
    ids=["message", "note", "accept", "close", "release", "take over", "requeue", "close of any assignee"],
)
def test_other_visitors_and_other_sites_get_not_found(command_of: Callable[[str, Person], Command], by: Person) -> None:
    """Requirement I-18: the same answer as for a conversation that does not exist."""
    refused = decide(waiting(), command_of(SITE if by == STRANGER else "other", by), 2)
    assert isinstance(refused, Refused), refused
    assert (refused.code, refused.retry_ms) == (Code.NOT_FOUND, None)


@pytest.mark.parametrize(
    ("by", "kind", "code"),
    [
        (VERA, "message", None),
        (VERA, "note", Code.FORBIDDEN),
        (ANA, "message", Code.NOT_ASSIGNED),
        (ANA, "note", None),
        (CRM, "message", None),
        (CRM, "note", None),
    ],
)
def test_writers_in_a_waiting_conversation(by: Person, kind: str, code: Code | None) -> None:
    decision = decide(waiting(), Write(SITE, by, kind, "1", "Hello"), 2)
    assert (decision.code if isinstance(decision, Refused) else None) == code


@pytest.mark.parametrize(("by", "code"), [(VERA, Code.FORBIDDEN), (ANA, None), (CRM, None)])
def test_visitors_do_not_accept(by: Person, code: Code | None) -> None:
    decision = decide(waiting(), Accept(SITE, by), 2)
    assert (decision.code if isinstance(decision, Refused) else None) == code


@pytest.mark.parametrize(("by", "allowed"), [(VERA, True), (STRANGER, False), (ANA, True), (CRM, True)])
def test_a_visitor_starts_only_their_own_conversation(by: Person, allowed: bool) -> None:
    assert may_start(VERA, by) is allowed


@pytest.mark.parametrize(
    ("by", "kind", "allowed"),
    [(VERA, "message", True), (VERA, "note", False), (ANA, "message", False), (CRM, "message", False)],
)
def test_only_a_visitors_message_opens_a_conversation(by: Person, kind: str, allowed: bool) -> None:
    assert may_open_with(Write(SITE, by, kind, "1", "Hello")) is allowed


@pytest.mark.parametrize("kind", ENTRY_KINDS)
def test_visitors_get_what_is_for_agents_hidden_or_without_some_fields_and_all_else_whole(kind: str) -> None:
    """Requirement I-20: the place in the sequence is all that a visitor gets of a note, and of an offer to an agent."""
    entry = Entry(
        site=SITE,
        conversation_id="c" * 32,
        seq=7,
        kind=kind,
        author=ANA,
        at_ms=9,
        client_id="1",
        text="secret",
        agent=BEN,
        reason="agent_lost",
        note="He is rude.",
    )
    whole = entry_pb(entry, 3)
    hidden = chat_pb2.Entry(conversation="c" * 32, epoch=3, seq=7, kind="hidden")
    shown = dict.fromkeys(("note", "offered", "offer_ended", "prioritised"), hidden)
    shown["requeued"] = _without(whole, "author", "agent", "reason")
    shown["transferred"] = _without(whole, "note")
    assert entry_pb_for(VERA, entry, 3) == shown.get(kind, whole)
    for reader in (ANA, BEN, CRM):
        assert entry_pb_for(reader, entry, 3) == whole


def _without(entry: chat_pb2.Entry, *fields: str) -> chat_pb2.Entry:
    rest = chat_pb2.Entry()
    rest.CopyFrom(entry)
    for field in fields:
        rest.ClearField(field)  # type: ignore[arg-type]  # the stub knows literal names only
    return rest


def test_a_caller_with_a_sites_token_is_itself_the_speaker() -> None:
    named = chat_pb2.Person(kind="agent", id="ana", name="Ana")
    assert speaker_of(GATEWAY, "author", named) == ANA
    assert speaker_of(SITES_CRM, "author", named) == CRM
    assert speaker_of(SITES_CRM, "author", chat_pb2.Person()) == CRM
