"""Online visitors in the dashboards of two gateways."""

from functools import partial

from tests.support.eventually import eventually
from tests.support.log_copy import Frame
from tests.support.people import Agent, agent_at, visitor_at
from tests.support.protocol_client import Browser, Client
from tests.support.responses import ok_json
from tests.support.running import Running

# The bound for a gateway's kill -9 is 45 s; the rest is for a slow machine.
GONE_PATIENCE_S = 70.0


class VisitorsWindow:
    """An agent's window of the list, kept from `visitors` and `visitors_changed` as a client keeps it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._position = len(client.frames)
        self._rows: dict[str, Frame] = {}
        self.total = 0

    async def watch(self, **fields: object) -> None:
        wanted = {"sort": "since", "descending": True, "filter": {}, "offset": 0, "limit": 200} | fields
        await self._client.say(type="watch_visitors", **wanted)
        await self._client.hear_type("visitors", self._position)

    def row(self, visitor: str | None) -> Frame | None:
        """The visitor's row now."""
        for frame in self._client.frames[self._position :]:
            self._apply(frame)
        self._position = len(self._client.frames)
        return self._rows.get(visitor or "")

    def has(self, visitor: str | None) -> bool:
        return self.row(visitor) is not None

    def _apply(self, frame: Frame) -> None:
        if frame["type"] == "visitors":
            self._rows = {row["visitor"]: row for row in frame["rows"]}
            self.total = frame["total"]
        elif frame["type"] == "visitors_changed":
            self._rows |= {row["visitor"]: row for row in frame["upsert"]}
            self._rows = {key: self._rows[key] for key in frame["order"]}
            self.total = frame["total"]


async def watching(agent: Agent) -> VisitorsWindow:
    window = VisitorsWindow(agent.client)
    await window.watch()
    return window


async def test_a_visitor_shows_on_every_dashboard_with_page_region_and_counts(agent: Agent, running: Running) -> None:
    """Requirements S-14 … S-22: a row has the visitor's name, place, current page and number of visits."""
    async with agent_at(running, 0, "agent2@palique.test") as other:
        windows = [await watching(agent), await watching(other)]
        async with visitor_at(running, 1) as visitor:
            for window, client in zip(windows, (agent.client, other.client), strict=True):
                await client.until(partial(window.has, visitor.browser.visitor))
            row = windows[0].row(visitor.browser.visitor)
            assert row is not None
            assert (row["region"], row["visits"], row["chats"], row["state"]) == ("Local", 1, 0, "browsing")
            assert (row["page"]["url"], row["page"]["title"]) == (f"{visitor.browser.public}/demo", "Shop")
            assert row["name"]


async def test_navigation_shows_and_the_state_follows_the_chat(agent: Agent, running: Running) -> None:
    """S-15, S-22, S-38, S-39: a started chat counts once and shows as waiting, then chatting, then browsing."""
    window = await watching(agent)
    async with visitor_at(running, 1) as visitor:
        me = visitor.browser.visitor

        def shows(**fields: object) -> bool:
            row = window.row(me)
            return row is not None and fields.items() <= row.items()

        await visitor.client.say(type="page", url="https://shop.test/cart", title="Cart", referrer="")
        await agent.client.until(lambda: (window.row(me) or {}).get("page", {}).get("url") == "https://shop.test/cart")
        conversation = (await visitor.client.send("Hello", None))["conversation"]
        await agent.client.until(lambda: shows(state="waiting", chats=1))
        await agent.client.ask("accept", conversation=conversation)
        await agent.client.until(lambda: shows(state="chatting"))
        await agent.client.ask("close", conversation=conversation)
        await agent.client.until(lambda: shows(state="browsing", chats=1, visits=1))


async def test_reload_and_second_tab_are_the_same_row_and_visit(agent: Agent, running: Running) -> None:
    """I-11: never *left* in between, over both gateways."""
    window = await watching(agent)
    async with Browser(running.public(0)) as browser:
        async with browser.as_visitor("First"):
            await agent.client.until(lambda: window.row(browser.visitor) is not None)
            position = len(agent.client.frames)
            async with browser.as_visitor("Second tab", public=running.public(1)):
                await agent.client.until(lambda: (window.row(browser.visitor) or {})["page"]["title"] == "Second tab")
        async with browser.as_visitor("Reloaded", public=running.public(1)):
            await agent.client.until(lambda: (window.row(browser.visitor) or {})["page"]["title"] == "Reloaded")
            row = window.row(browser.visitor)
            assert row is not None
            assert row["visits"] == 1
            removed = [
                frame["remove"] for frame in agent.client.frames[position:] if frame["type"] == "visitors_changed"
            ]
            assert all(browser.visitor not in ids for ids in removed)


async def test_a_closed_page_leaves_the_list_and_a_return_counts_as_a_new_visit(agent: Agent, running: Running) -> None:
    """I-12, S-21."""
    window = await watching(agent)
    async with Browser(running.public(0)) as browser:
        async with browser.as_visitor():
            await agent.client.until(lambda: window.row(browser.visitor) is not None)
        await agent.client.until(lambda: window.row(browser.visitor) is None, GONE_PATIENCE_S)
        async with browser.as_visitor():
            await agent.client.until(lambda: window.row(browser.visitor) is not None)
            row = window.row(browser.visitor)
            assert row is not None
            assert row["visits"] == 2


async def test_visitors_of_a_killed_gateway_leave_the_list(agent: Agent, running: Running) -> None:
    """I-12: kill -9 of the visitor's gateway, no restart of anything else. The agent is on the other one."""
    async with agent_at(running, 1, "agent2@palique.test") as other:
        window = await watching(other)
        async with visitor_at(running, 0) as visitor:
            await other.client.until(lambda: window.row(visitor.browser.visitor) is not None)
            dead = running.kill("gateway", 0)
            await other.client.until(lambda: window.row(visitor.browser.visitor) is None, GONE_PATIENCE_S)
    await eventually(lambda: running.pid("gateway", 0) != dead, GONE_PATIENCE_S)


async def test_a_profile_edited_by_two_agents_is_never_overwritten_silently(agent: Agent, running: Running) -> None:
    """Requirements S-18, S-24 … S-27, S-59, I-13: the second writer gets the current state; presence is unchanged."""
    window = await watching(agent)
    async with visitor_at(running, 1) as visitor:
        await agent.client.until(lambda: window.row(visitor.browser.visitor) is not None)
        path = f"/api/v1/visitors/{visitor.browser.visitor}"
        before = ok_json(await agent.browser.http.get(path))
        edit = {"version": before["version"], "name": "Ana", "email": "ana@example.test", "phone": "+34 600"}
        first = await agent.browser.http.patch(path, json=edit)
        assert first.status_code == 200, first.text
        second = await agent.browser.http.patch(path, json=edit | {"name": "Berta"})
        assert (second.status_code, second.json()["code"]) == (409, "conflict")
        assert second.json()["current"]["name"] == "Ana"
        note = {"client_id": "7c7f7f0e-7d7b-4c8f-9d8e-0c55c43d1d10", "text": "Prefers e-mail."}
        for _ in range(2):
            assert (await agent.browser.http.post(f"{path}/notes", json=note)).is_success
        after = ok_json(await agent.browser.http.get(path))
        assert [(item["text"], item["author"]["kind"]) for item in after["notes"]] == [("Prefers e-mail.", "agent")]
        assert (after["online"], after["visits"], after["since"]) == (True, before["visits"], before["since"])
        await agent.client.until(lambda: (window.row(visitor.browser.visitor) or {})["name"] == "Ana")


async def test_an_invalid_edit_is_refused_with_a_sentence(agent: Agent, running: Running) -> None:
    """S-25."""
    async with visitor_at(running, 0) as visitor:
        path = f"/api/v1/visitors/{visitor.browser.visitor}"

        async def version() -> int | None:
            answer = await agent.browser.http.get(path)
            return int(answer.json()["version"]) if answer.is_success else None

        found = await eventually(version)
        for fields in ({"email": "not an address"}, {"name": " "}, {"name": {"$gt": ""}}, {"bio": "x" * 5000}):
            answer = await agent.browser.http.patch(path, json={"version": found, **fields})
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), fields
            assert answer.json()["detail"]
