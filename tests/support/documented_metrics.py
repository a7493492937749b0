"""The metrics that docs/operations.md describes."""

import re
from typing import NamedTuple

from devstack.folders import ROOT
from devstack.settings import SERVICES

ROW = re.compile(r"^\| `(palique_[a-z_…]+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|", re.MULTILINE)


class Metric(NamedTuple):
    kind: str
    labels: frozenset[str]
    services: frozenset[str]


def documented() -> dict[str, Metric]:
    text = (ROOT / "docs/operations.md").read_text()
    found = {}
    for name, kind, labels, services in ROW.findall(text):
        own = SERVICES if services == "all" else services.split(", ")
        found[name] = Metric(kind, frozenset() if labels == "none" else frozenset(labels.split(", ")), frozenset(own))
    return found
