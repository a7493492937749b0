"""Profiles and notes of visitors over gRPC: stored, independent of presence, protected by versions and access rules."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import grpc
import pytest
from palique.presence.v1 import presence_pb2 as pb

from tests.integration.presence.service import Service, connected, disconnected, metadata, navigated
from tests.support.clock import Clock
from tests.support.eventually import eventually


async def edit(presence: Service, version: int, visitor: str = "v1", **fields: Any) -> pb.Visitor:
    request = pb.EditVisitorRequest(site="acme", visitor=visitor, version=version, **fields)
    return (await presence.stub.EditVisitor(request, metadata=metadata(), timeout=10)).visitor


async def add_note(presence: Service, note: str = "n1", caller: str = "ours", **fields: str) -> pb.Visitor:
    given = {"site": "acme", "visitor": "v1", "text": "Asked for oolong.", "author_kind": "agent", "author": "a1"}
    request = pb.AddNoteRequest(**{**given, "note": note, "author_name": "Ana", **fields})
    return (await presence.stub.AddNote(request, metadata=metadata(caller), timeout=10)).visitor


async def edit_note(presence: Service, version: int, caller: str = "ours", **fields: Any) -> pb.Visitor:
    given = {"site": "acme", "visitor": "v1", "note": "n1", "text": "Asked for sencha.", "editor_kind": "agent"}
    request = pb.EditNoteRequest(**{**given, "version": version, "editor": "a1", "editor_name": "Ana", **fields})
    return (await presence.stub.EditNote(request, metadata=metadata(caller), timeout=10)).visitor


def second_tab(connection: str) -> pb.SocketEvent:
    """Another tab on the current page."""
    return connected("v1", connection, url="https://shop.example/tea", title="Tea")


async def refusal(call: Awaitable[object]) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    code = dict(refused.value.trailing_metadata() or ()).get("palique-code", "")
    return refused.value.code().name, str(code)


async def test_profile_and_notes_are_stored_for_the_next_visit(presence: Service, clock: Clock) -> None:
    """Requirements S-18, S-24 to S-27, S-58: name, address, phone, bio and notes outlive a visit."""
    await presence.report(connected("v1", "c1"))
    first = await edit(
        presence, 1, name=" Vera ", email="Vera.Peña@münchen.example", phone="+34 91 123", bio="Likes\ntea"
    )
    await add_note(presence, "n1")
    await presence.report(disconnected("v1", "c1"))
    clock.advance(11_000)

    async def is_gone() -> bool:
        return not await presence.online()

    await eventually(is_gone, 4)
    await presence.report(connected("v1", "c2"))
    found = await presence.visitor("v1")
    assert (found.name, found.email, found.phone, found.bio) == (
        "Vera",
        "Vera.Peña@münchen.example",
        "+34 91 123",
        "Likes\ntea",
    )
    assert [(note.text, note.author_kind, note.author, note.author_name) for note in found.notes] == [
        ("Asked for oolong.", "agent", "a1", "Ana")
    ]
    assert (found.visits, found.version) == (2, first.version + 1)
    assert (await presence.online())["v1"].name == "Vera"


async def test_concurrent_edit_and_reports_do_not_change_each_others_fields(presence: Service) -> None:
    """Requirement I-13: profile and presence are independent."""
    await presence.report(connected("v1", "c1"), navigated("v1", "c1", "https://shop.example/tea", "Tea"))
    before = await presence.visitor("v1")
    row = (await presence.online())["v1"]
    await asyncio.gather(
        edit(presence, before.version, name="Vera"),
        *(presence.report(second_tab(f"c{tab}"), disconnected("v1", f"c{tab}")) for tab in range(2, 12)),
    )
    after = await presence.visitor("v1")
    changed = (await presence.online())["v1"]
    assert (after.name, after.version) == ("Vera", before.version + 1)
    assert (after.online, after.visits, after.since_ms, after.pages) == (True, 1, before.since_ms, before.pages)
    assert changed.rev > row.rev
    row.name, row.rev = changed.name, changed.rev
    assert changed == row


async def test_of_concurrent_edits_one_succeeds_and_the_others_conflict(presence: Service) -> None:
    """Requirement S-59: no edit overwrites another one unseen."""
    await presence.report(connected("v1", "c1"))
    names = [f"Name {number}" for number in range(6)]
    answers = await asyncio.gather(*(edit(presence, 1, name=name) for name in names), return_exceptions=True)
    won = [answer for answer in answers if isinstance(answer, pb.Visitor)]
    assert len(won) == 1
    assert (await presence.visitor("v1")).name == won[0].name
    assert await refusal(edit(presence, 1, name="Late")) == ("ABORTED", "conflict")
    assert (await edit(presence, won[0].version, name="Now")).name == "Now"


async def test_an_edit_repeated_after_an_unknown_outcome_succeeds_once(presence: Service) -> None:
    await presence.report(connected("v1", "c1"))
    once = await edit(presence, 1, name="Vera")
    assert await edit(presence, 1, name="Vera") == once


async def test_only_empty_fields_are_filled_whatever_the_version(presence: Service) -> None:
    """Also before the first report of the visitor's connection, and by many at once."""
    await asyncio.gather(*(edit(presence, 0, only_empty=True, name=f"Name {number}") for number in range(6)))
    first = await presence.visitor("v1")
    assert first.name in {f"Name {number}" for number in range(6)}
    assert (first.version, first.visits, first.online) == (2, 0, False)
    after = await edit(presence, 0, only_empty=True, name="Other", email="vera@example.com", phone="1")
    assert (after.name, after.email, after.phone, after.version) == (first.name, "vera@example.com", "1", 3)
    assert await edit(presence, 0, only_empty=True, name="", email="", phone="2") == after
    assert await refusal(edit(presence, 0, "v2", only_empty=True, email="no address")) == (
        "INVALID_ARGUMENT",
        "invalid",
    )
    assert await refusal(presence.visitor("v2")) == ("NOT_FOUND", "not_found")
    await presence.report(connected("v1", "c1"))
    assert ((await presence.visitor("v1")).visits, (await presence.online())["v1"].name) == (1, first.name)


async def test_a_note_added_twice_or_concurrently_is_stored_once(presence: Service) -> None:
    await presence.report(connected("v1", "c1"))
    await asyncio.gather(*(add_note(presence, f"n{number % 3}") for number in range(9)))
    found = await presence.visitor("v1")
    assert sorted(note.note for note in found.notes) == ["n0", "n1", "n2"]
    assert found.version == 4


async def test_a_note_is_edited_by_its_author_or_an_administrator_at_its_version_only(presence: Service) -> None:
    """Requirement S-59: no edit overwrites another one unseen."""
    await presence.report(connected("v1", "c1"))
    added = await add_note(presence)
    answers = await asyncio.gather(
        *(edit_note(presence, 1, text=f"Text {number}") for number in range(5)), return_exceptions=True
    )
    won = [answer for answer in answers if isinstance(answer, pb.Visitor)]
    assert len(won) == 1
    note = (await presence.visitor("v1")).notes[0]
    assert (note.text, note.version, note.at_ms) == (won[0].notes[0].text, 2, added.notes[0].at_ms)
    assert await refusal(edit_note(presence, 1)) == ("ABORTED", "conflict")
    assert await refusal(edit_note(presence, 2, editor="a2")) == ("PERMISSION_DENIED", "forbidden")
    assert await refusal(edit_note(presence, 2, note="n9")) == ("NOT_FOUND", "not_found")
    assert await refusal(edit_note(presence, 2, text=" ")) == ("INVALID_ARGUMENT", "invalid")
    # A caller with a token of one site cannot claim to be an administrator.
    assert await refusal(edit_note(presence, 2, "partner", others=True)) == ("PERMISSION_DENIED", "forbidden")
    note = (await edit_note(presence, 2, editor="a2", editor_name="Bea", others=True)).notes[0]
    assert (note.text, note.author_name, note.editor_name) == ("Asked for sencha.", "Ana", "Bea")
    assert note.edited_at_ms >= note.at_ms


async def test_a_caller_with_a_token_of_one_site_writes_in_its_own_name(presence: Service) -> None:
    await presence.report(connected("v1", "c1"))
    found = await add_note(presence, "n1", caller="partner", author="a1", author_name="Ana")
    assert [(note.author_kind, note.author, note.author_name) for note in found.notes] == [
        ("integration", "crm", "crm")
    ]
    assert await refusal(add_note(presence, "n2", caller="partner", site="other")) == ("PERMISSION_DENIED", "forbidden")
    assert await refusal(add_note(presence, "n2", caller="unknown")) == ("UNAUTHENTICATED", "not_signed_in")


async def test_invalid_fields_are_refused_and_nothing_is_stored(presence: Service) -> None:
    await presence.report(connected("v1", "c1"))
    for fields in (
        {"name": "  "},
        {"name": "a\x00"},
        {"name": "Vera", "email": "vera"},
        {"phone": "call me"},
        {"bio": "x" * 4001},
    ):
        assert await refusal(edit(presence, 1, **fields)) == ("INVALID_ARGUMENT", "invalid")
    for fields in ({"text": ""}, {"text": "x" * 4001}, {"note": "a b"}, {"author_kind": "visitor"}, {"author": ""}):
        assert await refusal(add_note(presence, **fields)) == ("INVALID_ARGUMENT", "invalid")
    found = await presence.visitor("v1")
    assert (found.name, found.version, len(found.notes)) == ("", 1, 0)


async def test_a_missing_visitor_and_another_sites_visitor_look_the_same(presence: Service) -> None:
    """Requirement I-18: the answer does not reveal the other site's visitor."""
    await presence.report(connected("v9", "c1"), site="other")
    for visitor in ("v9", "unknown"):
        assert await refusal(presence.visitor(visitor)) == ("NOT_FOUND", "not_found")
        assert await refusal(edit(presence, 1, visitor, name="X")) == ("NOT_FOUND", "not_found")
        assert await refusal(add_note(presence, "n1", visitor=visitor)) == ("NOT_FOUND", "not_found")


async def set_fields(presence: Service, caller: str = "ours", site: str = "acme", **values: str) -> None:
    fields = [pb.PageField(key=key, value=value) for key, value in values.items()]
    request = pb.SetFieldsRequest(site=site, visitor="v1", fields=fields)
    await presence.stub.SetFields(request, metadata=metadata(caller), timeout=10)


async def test_fields_of_a_page_are_set_by_many_at_once_and_leave_the_profile_alone(presence: Service) -> None:
    """Also before the first report; reports and edits do not lose them."""
    await asyncio.gather(*(set_fields(presence, **{f"k{number}": "x"}) for number in range(10)))
    await presence.report(connected("v1", "c1"))
    await edit(presence, 1, name="Vera")
    await set_fields(presence, k0="y", k1="")
    found = await presence.visitor("v1")
    assert {field.key: field.value for field in found.fields} == {
        "k0": "y",
        **{f"k{number}": "x" for number in range(2, 10)},
    }
    assert (found.name, found.version) == ("Vera", 2)
    assert (await presence.online())["v1"].fields_version == 11
    answer = await presence.stub.ListVisitors(
        pb.ListVisitorsRequest(site="acme", limit=10), metadata=metadata(), timeout=10
    )
    assert [list(visitor.fields) for visitor in answer.visitors] == [[]]


async def test_fields_of_a_wrong_caller_or_form_are_refused(presence: Service) -> None:
    await set_fields(presence, plan="Pro")
    assert await refusal(set_fields(presence, "partner", site="other", plan="x")) == ("PERMISSION_DENIED", "forbidden")
    assert await refusal(set_fields(presence, "unknown", plan="x")) == ("UNAUTHENTICATED", "not_signed_in")
    for wrong in ({"plan": "x" * 201}, {"two words": "x"}, {}, {f"k{number}": "x" for number in range(21)}):
        assert await refusal(set_fields(presence, **wrong)) == ("INVALID_ARGUMENT", "invalid")
    assert await refusal(set_fields(presence, **{f"k{number}": "x" for number in range(20)})) == (
        "INVALID_ARGUMENT",
        "too_large",
    )
    assert [(field.key, field.value) for field in (await presence.visitor("v1")).fields] == [("plan", "Pro")]
