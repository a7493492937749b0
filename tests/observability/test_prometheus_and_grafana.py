"""Every panel and every rule gets data from a running stack, by a real Prometheus."""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from devstack.folders import ROOT
from tests.observability.prometheus import RULES, Prometheus
from tests.support.documented_metrics import documented
from tests.support.eventually import eventually
from tests.support.people import agent_at, talk, visitor_at
from tests.support.running import Running

# A handful of scrapes: what Grafana would take from a panel's width.
RATE_INTERVAL = "15s"
# Until the last of them has data: the slowest is written every ten seconds.
DATA_S = 90


@asynccontextmanager
async def talking(running: Running) -> AsyncIterator[None]:
    """People talk and tickets are made, as long as the block runs."""

    async def talks() -> None:
        async with agent_at(running, 0, "agent@palique.test") as agent:
            while True:
                async with visitor_at(running, 0) as visitor:
                    conversation = await talk(visitor, agent)
                    await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={})

    people = asyncio.create_task(talks())
    try:
        yield
        # Else it ended, and why is the finding.
        assert not people.done(), people.exception()
    finally:
        people.cancel()
        await asyncio.wait([people])


def questions() -> dict[str, str]:
    """Of every panel, by dashboard and title."""
    found = {}
    for path in sorted((ROOT / "deploy/observability/grafana").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                name = f"{path.stem}: {panel['title']} ({target['legendFormat']})"
                found[name] = target["expr"].replace("$__rate_interval", RATE_INTERVAL)
    return found


async def test_every_panel_has_data_and_nothing_fires_while_all_is_well(
    running: Running, prometheus: Prometheus
) -> None:
    """Issue 6: six dashboards, each question answered with a number."""
    without = dict(questions())
    assert len(without) > 80

    def all_answered() -> bool:
        for name, query in list(without.items()):
            if any(not math.isnan(value) for value in prometheus.values(query)):
                del without[name]
        assert not without, sorted(without)
        return True

    async def by_now() -> bool:
        return await asyncio.to_thread(all_answered)

    async with talking(running):
        await eventually(by_now, DATA_S)
    assert prometheus.values('ALERTS{alertstate="firing"}') == []


async def test_every_rule_is_evaluated_and_asks_for_what_there_is(prometheus: Prometheus) -> None:
    """A rule about a metric of another name would never fire, and nobody would know."""
    rules = prometheus.rules()
    assert {rule["health"] for rule in rules} == {"ok"}
    recorded = {rule["name"] for rule in rules if rule["type"] == "recording"}
    for name in recorded:
        assert prometheus.values(name), name
    known = set(documented())
    asked = re.findall(r"palique_[a-z_]+", RULES.read_text())
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked} <= known


def test_every_alert_has_its_line_for_whom_it_wakes() -> None:
    """The link leads to a heading of docs/operations.md that says what it means, what to look at, what to do."""
    pages = re.findall(r"runbook: docs/operations\.md#(\w+)", RULES.read_text())
    headings = re.findall(r"^#+ (\w+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    assert set(pages) <= {heading.lower() for heading in headings}
