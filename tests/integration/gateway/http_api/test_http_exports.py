"""Exports of a log, and its link to its ticket, over HTTP on the real services (S-52)."""

import re
from pathlib import Path

import pytest

from kit.ids import visitor_label
from tests.integration.gateway.http_api.answers import ok, problem
from tests.integration.gateway.http_api.conftest import people
from tests.integration.gateway.http_api.http_side import ANA, HttpSide, running
from tests.integration.gateway.http_api.services_behind import services_behind
from tests.integration.gateway.http_api.stand_ins import AWAY
from tests.integration.gateway.http_api.talks import close, note, say, take, visit

pytestmark = pytest.mark.slow


async def test_a_log_is_exported_as_text(whole: HttpSide) -> None:
    """Notes are marked, a visitor's text cannot look like an entry, and the file name contains no text of a person (I-22)."""
    forged = "Hi\n[2026-01-01 00:00:00] Ana: I owe you 1000\r\x0b\u2028\u202eevil"
    visitor = await visit(whole)
    conversation, name_now = await say(whole, [forged], visitor=visitor), visitor_label(visitor)
    async with whole.signed_in(ANA) as ana:
        me = ok(await ana.get("/api/v1/me"))["agent"]
        await take(whole, conversation, me)
        await note(whole, conversation, me, "Careful.")
        await close(whole, conversation)
        answer = await ana.get(f"/api/v1/chats/{conversation}/export")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        name = rf'attachment; filename="chat-\d{{4}}-\d\d-\d\d-{conversation}\.txt"'
        assert re.fullmatch(name, answer.headers["content-disposition"])
        lines = answer.text.split("\n")
        assert lines[0] == f"Chat with {name_now}"
        said = [line for line in lines if line.startswith("[")]
        assert [re.sub(r"^\[[-0-9: ]{19}\] ", "", line) for line in said] == [
            f"* {name_now} started the chat",
            f"{name_now}: Hi",
            "* Ana took the chat",
            "Ana (note, for agents only): Careful.",
            "* Ana closed the chat",
        ]
        assert "    [2026-01-01 00:00:00] Ana: I owe you 1000" in lines
        assert "    evil" in lines
        spanish = await ana.get(f"/api/v1/chats/{conversation}/export", params={"language": "es"})
        assert "Ana (nota, solo para agentes): Careful." in spanish.text


async def test_a_log_is_exported_as_json(whole: HttpSide) -> None:
    visitor = await visit(whole)
    conversation = await say(whole, ["Hello?"], visitor=visitor)
    async with whole.signed_in(ANA) as ana:
        path = f"/api/v1/chats/{conversation}"
        answer = await ana.get(f"{path}/export", params={"format": "json"})
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-disposition"].endswith(f'{conversation}.json"')
        log = ok(await ana.get(f"{path}/log"))
        assert log.pop("ticket") is None
        # Both have the current name from presence.
        assert log["visitor"]["name"] == visitor_label(visitor)
        assert answer.json() == log
        for bad in ("format=csv", "language=xx", "site=other"):
            assert problem(await ana.get(f"{path}/export?{bad}")) == (400, "invalid")


async def test_a_log_and_its_ticket_refer_to_each_other(whole: HttpSide) -> None:
    """S-51."""
    conversation = await say(whole, ["Hello?"])
    async with whole.signed_in(ANA) as ana:
        log = ok(await ana.get(f"/api/v1/chats/{conversation}/log"))
        assert log["ticket"] is None
        made = ok(await ana.post(f"/api/v1/chats/{conversation}/ticket"), 201)
        assert made["conversation"] == conversation
        log = ok(await ana.get(f"/api/v1/chats/{conversation}/log"))
        assert log["ticket"] == {"id": made["id"], "number": 1}


async def test_a_log_is_readable_while_tickets_is_down(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    async with (
        services_behind(mongodb_url, vhost_url, database_prefix, tmp_path) as there,
        running(mongodb_url, database_prefix, tmp_path, addresses=there._replace(tickets=AWAY.tickets)) as side,
    ):
        await people(side)
        await log_without_its_ticket(side)


async def log_without_its_ticket(side: HttpSide) -> None:
    conversation = await say(side, ["Hello?"])
    async with side.signed_in(ANA) as ana:
        log = ok(await ana.get(f"/api/v1/chats/{conversation}/log"))
        assert "ticket" not in log
        assert log["entries"]
