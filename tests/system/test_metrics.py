"""Metrics: the processes expose exactly those of docs/operations.md, and no label grows without bound."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from devstack.settings import SERVICES
from tests.support.documented_metrics import documented
from tests.support.people import Agent, Visitor
from tests.support.running import Running


def exposed(running: Running, service: str) -> dict[str, tuple[str, set[str]]]:
    """By name as a query writes it: kind, and the labels of the samples that there are."""
    found = {}
    text = httpx.get(f"{running.ops(service)}/metrics", verify=False).text
    for family in text_string_to_metric_families(text):
        if not family.name.startswith("palique_") or family.name.endswith("_created"):
            continue
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        found[name] = (family.type, labels)
    return found


def test_every_metric_is_documented_and_every_documented_metric_is_there(
    running: Running, visitor: Visitor, agent: Agent
) -> None:
    """Issue 6: an operator finds each name in the table, with its labels and the services that have it."""
    table = documented()
    there = {service: exposed(running, service) for service in SERVICES}
    names = {name for metrics in there.values() for name in metrics}
    assert names == set(table)
    for name, metric in table.items():
        assert {service for service in SERVICES if name in there[service]} == metric.services, name
        for service in metric.services:
            kind, labels = there[service][name]
            assert kind == metric.kind, name
            assert labels <= metric.labels, (name, labels)
