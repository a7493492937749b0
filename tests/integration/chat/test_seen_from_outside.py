"""Metrics, the operations port, and log lines without message texts."""

import httpx
import pytest
import structlog.testing

from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.running_chat import Running, agent, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def test_metrics_count_what_happened(chat: Running, ear: Ear) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera, client_id="1")).conversation
    await chat.write(vera, client_id="1")
    await chat.accept(conversation, ana)
    await chat.accept(conversation, ana)
    await chat.write(agent(), conversation)
    await ear.wait_hint(conversation, 3)
    for kind, count in {"opened": 1, "message": 1, "assigned": 1}.items():
        assert chat.sample("palique_chat_entries_appended_total", kind=kind) == count
    outcomes = {"appended": 3, "duplicate": 1, "already": 1, "not_assigned": 1}
    for outcome, count in outcomes.items():
        assert chat.sample("palique_chat_append_outcomes_total", outcome=outcome) == count, outcome
    assert chat.sample("palique_chat_conversations_opened_total", started_by="visitor") == 1
    assert chat.sample("palique_chat_append_seconds_count") == 5
    assert chat.sample("palique_chat_append_batch_size_sum") == 3
    await eventually(lambda: chat.sample("palique_chat_hints_total", outcome="published") == 4)
    await eventually(lambda: chat.sample("palique_facts_published_total", by="writer") == 2)


async def test_the_operations_port_reports_life_readiness_and_metrics(chat: Running) -> None:
    async with httpx.AsyncClient(base_url=f"http://{chat.settings.ops_address}", verify=False) as client:
        assert (await client.get("/livez")).status_code == 200

        async def ready() -> bool:
            return bool((await client.get("/readyz")).json() == {"ok": True, "missing": []})

        await eventually(ready)
        assert "palique_chat_append_seconds" in (await client.get("/metrics")).text


async def test_log_lines_name_the_conversation_and_contain_no_text(chat: Running) -> None:
    vera, ana = visitor(), agent()
    with structlog.testing.capture_logs() as lines:
        conversation = (await chat.write(vera, text="my secret", client_id="1")).conversation
        await chat.write(vera, text="my secret", client_id="1")
        await chat.accept(conversation, ana)
        await chat.write(ana, conversation, "our secret", kind="note")
        await chat.close(conversation, ana)
    # Lines of the outbox have no conversation.
    assert {line["conversation"] for line in lines if "conversation" in line} == {conversation}
    assert "secret" not in str(lines)
