"""The rendered resources of an overlay, with queries."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from devstack.folders import ROOT

OVERLAYS = ("local", "production")
overlays = pytest.mark.parametrize("overlay", OVERLAYS)
# Public, gRPC and operations ports. A policy may not open one of them where no process listens either.
OUR_PORTS = (8080, 9090, 50051)
Resource = dict[str, Any]


@cache
def rendered(overlay: str) -> tuple[Resource, ...]:
    return render(ROOT / "deploy/k8s/overlays" / overlay)


def render(folder: Path) -> tuple[Resource, ...]:
    """Renders with kustomize or kubectl."""
    tool = ["kustomize", "build"] if shutil.which("kustomize") else ["kubectl", "kustomize"]
    done = subprocess.run([*tool, str(folder)], capture_output=True, check=True)
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(overlay: str, kind: str) -> list[Resource]:
    return [one for one in rendered(overlay) if one["kind"] == kind]


def named(overlay: str, kind: str, name: str) -> Resource:
    (found,) = [one for one in of_kind(overlay, kind) if one["metadata"]["name"] == name]
    return found


class Pod(NamedTuple):
    """The pods of one service, by its Deployment."""

    service: str
    labels: Mapping[str, str]
    spec: Resource

    @property
    def container(self) -> Resource:
        (one,) = self.spec["containers"]
        found: Resource = one
        return found

    def port(self, name_or_number: str | int) -> int:
        """The port number; KeyError when the container has no such port."""
        ports = {port["name"]: int(port["containerPort"]) for port in self.container["ports"]}
        return (
            ports[name_or_number]
            if isinstance(name_or_number, str)
            else {one: one for one in ports.values()}[name_or_number]
        )


def pods(overlay: str) -> list[Pod]:
    found = []
    for deployment in of_kind(overlay, "Deployment"):
        template = deployment["spec"]["template"]
        labels = template["metadata"]["labels"]
        found.append(Pod(labels["app.kubernetes.io/component"], labels, template["spec"]))
    return found


def selects(selector: Resource, labels: Mapping[str, str]) -> bool:
    """Evaluates a label selector; KeyError for parts that Palique does not use."""
    if set(selector) - {"matchLabels", "matchExpressions"}:
        raise KeyError(f"{selector} is more than this test understands")
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    return all(_fits(expression, labels) for expression in selector.get("matchExpressions", []))


def _fits(expression: Resource, labels: Mapping[str, str]) -> bool:
    if expression["operator"] != "In":
        raise KeyError(f"{expression} is more than this test understands")
    return labels.get(expression["key"]) in expression["values"]


def selected(overlay: str, selector: Resource) -> list[Pod]:
    return [pod for pod in pods(overlay) if selects(selector, pod.labels)]


def allowed_flows(overlay: str) -> Iterator[tuple[str, str, int]]:
    """The (caller, callee, port) that all policies together allow, by egress of the one and ingress of the other."""
    policies = of_kind(overlay, "NetworkPolicy")
    for source in pods(overlay):
        for target in pods(overlay):
            for port in OUR_PORTS:
                leaves = _lets(policies, source, target, port, "egress", "to")
                enters = _lets(policies, target, source, port, "ingress", "from")
                if leaves and enters:
                    yield source.service, target.service, port


def _lets(policies: list[Resource], subject: Pod, other: Pod, port: int, direction: str, peers: str) -> bool:
    specs = [policy["spec"] for policy in policies if selects(policy["spec"]["podSelector"], subject.labels)]
    governing = [spec for spec in specs if direction.capitalize() in spec["policyTypes"]]
    rules = [rule for spec in governing for rule in spec.get(direction, [])]
    return not governing or any(_rule_lets(rule, other, port, peers) for rule in rules)


def _rule_lets(rule: Resource, other: Pod, port: int, peers: str) -> bool:
    if port not in [one["port"] for one in rule["ports"]]:
        return False
    if peers not in rule:
        return True
    return any("namespaceSelector" not in peer and selects(peer["podSelector"], other.labels) for peer in rule[peers])
