"""Manual tasks fit the installation in which they run."""

from typing import Any

import pytest
import yaml

from devstack.folders import ROOT
from devstack.settings import SERVICES
from tests.k8s.rendered import Pod, named, of_kind, pods, selects


@pytest.fixture
def task() -> Pod:
    job: Any = yaml.safe_load((ROOT / "deploy/k8s/tasks/raise-epoch.yaml").read_text())
    template = job["spec"]["template"]
    return Pod("task", template["metadata"]["labels"], template["spec"])


def test_it_has_the_rights_and_the_secret_of_chat_and_no_more(task: Pod) -> None:
    (chat,) = [pod for pod in pods("production") if pod.service == "chat"]
    assert task.spec["securityContext"] == chat.spec["securityContext"]
    assert task.container["securityContext"] == chat.container["securityContext"]
    assert task.container["image"] == chat.container["image"]
    assert task.spec["automountServiceAccountToken"] is False
    assert task.spec["serviceAccountName"] == chat.spec["serviceAccountName"]
    (ours,) = [one["secret"] for one in task.spec["volumes"]]
    (its,) = [one["secret"] for one in chat.spec["volumes"] if one["name"] == "secrets"]
    assert ours["secretName"] == its["secretName"]
    assert [item for item in its["items"] if item["key"] == "mongodb-url"] == ours["items"]
    assert all(variable in chat.container["env"] for variable in task.container["env"])


def test_it_reaches_dns_and_engines_and_no_service_selects_it(task: Pod) -> None:
    policies = of_kind("production", "NetworkPolicy")
    governing = {one["metadata"]["name"] for one in policies if selects(one["spec"]["podSelector"], task.labels)}
    assert governing == {"palique-default-deny", "palique-dns", "palique-metrics", "palique-engines"}
    for service in SERVICES:
        selector = named("production", "Service", f"palique-{service}")["spec"]["selector"]
        assert not selects({"matchLabels": selector}, task.labels)
