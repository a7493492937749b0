"""The example overlay of docs/operations.md renders and has the documented effect."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from devstack.folders import ROOT
from tests.k8s.rendered import Resource, render

BLOCK = re.compile(r"^   ```yaml\n(.*?)^   ```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def resources(tmp_path: Path) -> list[Resource]:
    (block,) = BLOCK.findall((ROOT / "docs/operations.md").read_text())
    # In the example the checkout is the folder `palique` beside the overlay.
    text = re.sub("^   ", "", block, flags=re.MULTILINE).replace("../palique", os.path.relpath(ROOT, tmp_path))
    (tmp_path / "kustomization.yaml").write_text(text)
    return list(render(tmp_path))


def named(resources: list[Resource], kind: str, name: str) -> Resource:
    """A resource by name; names of ConfigMaps end with a hash of their content."""
    (found,) = [one for one in resources if one["kind"] == kind and one["metadata"]["name"].startswith(name)]
    return found


def test_it_takes_its_own_images_host_and_proxies(resources: list[Resource]) -> None:
    images = [
        one["spec"]["template"]["spec"]["containers"][0]["image"] for one in resources if one["kind"] == "Deployment"
    ]
    services = ("chat", "gateway", "presence", "tickets")
    assert sorted(images) == [f"registry.shop.example/palique/{service}:0.1.0" for service in services]
    spec = named(resources, "Ingress", "palique")["spec"]
    assert (spec["rules"][0]["host"], spec["tls"][0]["hosts"]) == ("chat.shop.example", ["chat.shop.example"])
    assert spec["tls"][0]["secretName"] == "palique-public-tls"
    assert settings(resources)["PALIQUE_TRUSTED_PROXIES"] == "10.42.0.0/16"
    assert settings(resources)["PALIQUE_PUBLIC_ORIGINS"] == "https://chat.shop.example"


def test_traces_are_let_out_to_where_they_are_sent(resources: list[Resource]) -> None:
    (rule,) = named(resources, "NetworkPolicy", "palique-traces")["spec"]["egress"]
    collector = urlsplit(settings(resources)["PALIQUE_TRACES_URL"])
    assert [port["port"] for port in rule["ports"]] == [collector.port]
    namespaces = [to["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for to in rule["to"]]
    assert namespaces == [(collector.hostname or "").rpartition(".")[2]]


def test_tickets_alone_reaches_the_mail_server_with_a_password_in_a_file(resources: list[Resource]) -> None:
    policy = named(resources, "NetworkPolicy", "palique-mail")["spec"]
    assert policy["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "tickets"
    ports = [port["port"] for rule in policy["egress"] for port in rule["ports"]]
    mail = settings(resources)["PALIQUE_MAIL_SERVER"]
    assert int(mail.rpartition(":")[2]) in ports
    pod = named(resources, "Deployment", "palique-tickets")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    files = {each["name"]: each["value"] for each in container["env"]}
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    (volume,) = [each for each in pod["volumes"] if each["name"] == "mail"]
    for item in volume["secret"]["items"]:
        assert files[f"PALIQUE_MAIL_{item['key'].upper()}_FILE"] == f"{mounts['mail']}/{item['path']}"


def settings(resources: list[Resource]) -> dict[str, str]:
    (found,) = [one["data"] for one in resources if one["kind"] == "ConfigMap" and "PALIQUE_MODE" in one["data"]]
    return dict(found)
