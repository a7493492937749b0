"""What stays of a talk: the log, and one ticket."""

import asyncio

from tests.support.eventually import eventually
from tests.support.people import Agent, Visitor, agent_at, talk
from tests.support.responses import ok_json
from tests.support.running import Running


async def test_a_closed_chat_is_in_the_logs_with_its_whole_transcript(visitor: Visitor, agent: Agent) -> None:
    """S-12, S-06: user details, start, duration, and every entry."""
    conversation = await talk(visitor, agent)
    page = ok_json(await agent.browser.http.get("/api/v1/chats", params={"visitor": visitor.browser.visitor}))
    (item,) = page["items"]
    assert item["conversation"] == conversation
    assert item["visitor"]["id"] == visitor.browser.visitor
    assert item["visitor"]["region"] == "Local"
    assert [one["id"] for one in item["agents"]] == [agent.client.me["id"]]
    assert (item["started_by"], item["messages"], item["flagged"]) == ("visitor", 2, False)
    assert item["started_at"] <= item["ended_at"]
    assert item["duration_s"] >= 0
    log = ok_json(await agent.browser.http.get(f"/api/v1/chats/{conversation}/log"))
    kinds = [entry["kind"] for entry in log["entries"]]
    assert kinds == ["opened", "message", "assigned", "message", "closed"]
    flagged = await agent.browser.http.patch(f"/api/v1/chats/{conversation}", json={"flagged": True})
    assert ok_json(flagged)["flagged"] is True


async def test_pages_of_the_logs_come_by_cursor_without_overlap(visitor: Visitor, agent: Agent) -> None:
    talks = [await talk(visitor, agent) for _ in range(3)]
    found: list[str] = []
    cursor: str | None = None
    while True:
        params = {"visitor": str(visitor.browser.visitor), "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = ok_json(await agent.browser.http.get("/api/v1/chats", params=params))
        found += [item["conversation"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == list(reversed(talks))


async def test_two_concurrent_requests_get_the_same_ticket(visitor: Visitor, agent: Agent, running: Running) -> None:
    """S-51: made once, the same ever after, with transcript and visitor."""
    conversation = await talk(visitor, agent)
    path = f"/api/v1/chats/{conversation}/ticket"
    async with agent_at(running, 1, "agent2@palique.test") as other:
        clicks = [person.browser.http.post(path, json={}) for person in (agent, other) for _ in range(3)]
        answers = await asyncio.gather(*clicks)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    tickets = [ok_json(answer) for answer in answers]
    assert len({ticket["id"] for ticket in tickets}) == 1
    assert [entry["text"] for entry in tickets[0]["transcript"]] == ["Where is my parcel?", "On its way."]
    assert tickets[0]["visitor"]["id"] == visitor.browser.visitor
    assert ok_json(await agent.browser.http.post(path, json={}))["id"] == tickets[0]["id"]


async def test_a_ticket_made_during_the_chat_gets_the_rest_of_it(visitor: Visitor, agent: Agent) -> None:
    conversation = str((await visitor.client.send("Where is my parcel?", None))["conversation"])
    await agent.client.hear_type("conversation", conversation=conversation)
    await agent.client.ask("accept", conversation=conversation)
    ticket = ok_json(await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={}))
    await agent.client.send("On its way.", conversation)
    await agent.client.ask("close", conversation=conversation)

    async def is_whole() -> bool:
        found = ok_json(await agent.browser.http.get(f"/api/v1/tickets/{ticket['id']}"))
        assert found["number"] == ticket["number"]
        return len(found["transcript"]) == 2

    await eventually(is_whole)


async def test_a_ticket_changes_with_its_version_only(visitor: Visitor, agent: Agent) -> None:
    conversation = await talk(visitor, agent)
    ticket = ok_json(await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={}))
    path = f"/api/v1/tickets/{ticket['id']}"
    change = {"version": ticket["version"], "status": "pending", "assignee": agent.client.me["id"]}
    changed = await agent.browser.http.patch(path, json=change)
    assert changed.status_code == 200, changed.text
    assert (ok_json(changed)["status"], ok_json(changed)["assignee"]["id"]) == ("pending", agent.client.me["id"])
    late = await agent.browser.http.patch(path, json={"version": ticket["version"], "status": "solved"})
    assert (late.status_code, late.json()["current"]["status"]) == (409, "pending")
    listed = ok_json(await agent.browser.http.get("/api/v1/tickets", params={"status": "pending"}))
    assert ticket["id"] in [item["id"] for item in listed["items"]]
