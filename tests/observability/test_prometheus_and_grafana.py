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

# A few scrapes; Grafana computes this from the width of a panel.
RATE_INTERVAL = "15s"
# The time until all have data: the slowest metric is written every ten seconds.
DATA_S = 90


@asynccontextmanager
async def talking(running: Running) -> AsyncIterator[None]:
    """Load with conversations and tickets while the block runs."""

    async def talks() -> None:
        async with agent_at(running, 0, "agent@palique.test") as agent:
            while True:
                async with visitor_at(running, 0) as visitor:
                    conversation = await talk(visitor, agent)
                    await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={})

    people = asyncio.create_task(talks())
    try:
        yield
        # It ended early: its exception is the finding.
        assert not people.done(), people.exception()
    finally:
        people.cancel()
        await asyncio.wait([people])


def questions() -> dict[str, str]:
    """The queries of all panels, by dashboard and title."""
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
    """Issue 6: every query of the six dashboards returns a number."""
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
    """A rule on a metric that does not exist would never fire, without a visible error."""
    rules = prometheus.rules()
    assert {rule["health"] for rule in rules} == {"ok"}
    recorded = {rule["name"] for rule in rules if rule["type"] == "recording"}
    for name in recorded:
        assert prometheus.values(name), name
    known = set(documented())
    asked = re.findall(r"palique_[a-z_]+", RULES.read_text())
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked} <= known


def test_every_alert_links_to_its_section_of_the_manual() -> None:
    """The link of an alert leads to a heading of docs/operations.md with meaning, checks and actions."""
    pages = re.findall(r"runbook: docs/operations\.md#(\w+)", RULES.read_text())
    headings = re.findall(r"^#+ (\w+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    assert set(pages) <= {heading.lower() for heading in headings}
