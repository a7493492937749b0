"""Checks beyond schemas: the parts of an overlay fit one another and the services that run in them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from devstack.folders import ROOT
from devstack.settings import SERVICES
from kit.config.loader import BadSetting, load
from kit.runtime.http_server import split_address
from tests.k8s.rendered import Pod, named, of_kind, overlays, pods, selected
from tools.settings_table import STRUCTS

# The reserve for a busy node.
LEEWAY_S = 5
# What the operator of an installation has to add to the overlay.
OPERATORS: dict[str, dict[str, str]] = {"local": {}, "production": {"PALIQUE_TRUSTED_PROXIES": "10.42.0.0/16"}}
# The content of an installation's Secrets.
SECRETS = {
    "mongodb-url": "mongodb://user:kX9vQpW2@a,b,c/palique?replicaSet=rs0&tls=true",
    "amqp-url": "amqps://user:kX9vQpW2@broker/palique",
    "rpc-token": "t" * 40,
    "rpc-tokens": f"gateway:*:{'t' * 40}",
}


@overlays
def test_there_is_a_deployment_a_service_an_account_a_budget_and_a_scaler_for_each(overlay: str) -> None:
    for kind in ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "HorizontalPodAutoscaler"):
        assert {one["metadata"]["name"] for one in of_kind(overlay, kind)} == {f"palique-{one}" for one in SERVICES}


@overlays
def test_selectors_find_the_pods_of_their_own_service_and_no_others(overlay: str) -> None:
    for service in SERVICES:
        name = f"palique-{service}"
        deployment = named(overlay, "Deployment", name)["spec"]
        budget = named(overlay, "PodDisruptionBudget", name)["spec"]
        spreads = [one["labelSelector"] for one in deployment["template"]["spec"]["topologySpreadConstraints"]]
        by_service = {"matchLabels": named(overlay, "Service", name)["spec"]["selector"]}
        for selector in (deployment["selector"], budget["selector"], by_service, *spreads):
            assert [pod.service for pod in selected(overlay, selector)] == [service]
        scaled = named(overlay, "HorizontalPodAutoscaler", name)["spec"]["scaleTargetRef"]
        assert (scaled["kind"], scaled["name"]) == ("Deployment", name)


@overlays
def test_ports_that_are_named_are_there(overlay: str) -> None:
    """Ports of services, probes, the ingress and the pod monitor."""
    for pod in pods(overlay):
        service = named(overlay, "Service", f"palique-{pod.service}")["spec"]
        assert all(pod.port(port["targetPort"]) for port in service["ports"])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert pod.port(pod.container[probe]["httpGet"]["port"]) == 9090
    for ingress in of_kind(overlay, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                ports = named(overlay, "Service", backend["name"])["spec"]["ports"]
                assert backend["port"]["name"] in [port["name"] for port in ports]
    for monitor in of_kind(overlay, "PodMonitor"):
        found = selected(overlay, monitor["spec"]["selector"])
        assert len(found) == len(SERVICES)
        for endpoint in monitor["spec"]["podMetricsEndpoints"]:
            assert all(pod.port(endpoint["port"]) for pod in found)


@overlays
def test_probes_ask_what_the_operations_port_answers(overlay: str) -> None:
    """Liveness does not depend on the database: a fail-over would restart every process."""
    for pod in pods(overlay):
        assert pod.container["livenessProbe"]["httpGet"]["path"] == "/livez"
        assert pod.container["startupProbe"]["httpGet"]["path"] == "/livez"
        assert pod.container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def environment(overlay: str, pod: Pod, folder: Path) -> dict[str, str]:
    """The environment of the pod's container, with its mounted files below `folder`."""
    found: dict[str, str] = {}
    for source in pod.container["envFrom"]:
        found |= named(overlay, "ConfigMap", source["configMapRef"]["name"])["data"]
    found |= {one["name"]: one["value"] for one in pod.container["env"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in pod.container["volumeMounts"]}
    for volume in pod.spec["volumes"]:
        if "secret" not in volume:
            continue
        keys = [item["key"] for item in volume["secret"].get("items", [])] or ["tls.crt", "tls.key", "ca.crt"]
        for key in keys:
            path = folder / mounts[volume["name"]].lstrip("/") / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(SECRETS.get(key, "pem"))
    return {name: str(folder / value.lstrip("/")) if value.startswith("/") else value for name, value in found.items()}


@overlays
def test_each_service_starts_with_the_settings_that_its_pod_finds(overlay: str, tmp_path: Path) -> None:
    """Loads the settings struct of the process: none missing, none unknown, every mounted file exists."""
    for pod in pods(overlay):
        found = OPERATORS[overlay] | environment(overlay, pod, tmp_path / pod.service)
        settings: Any = load(STRUCTS[pod.service], found)
        assert settings.ops_address == f"0.0.0.0:{pod.port('ops')}"
        assert settings.mode == ("production" if overlay == "production" else "development")
        assert (settings.tls is not None) is (overlay == "production")
        own = settings.public_address if pod.service == "gateway" else settings.grpc_address
        assert own == f"0.0.0.0:{pod.port('public' if pod.service == 'gateway' else 'grpc')}"
        assert pod.spec["enableServiceLinks"] is False


def test_a_gateway_in_production_does_not_start_before_the_operator_named_the_proxies(tmp_path: Path) -> None:
    """No network fits every cluster; one that is too wide lets clients forge their address."""
    (pod,) = [pod for pod in pods("production") if pod.service == "gateway"]
    found = environment("production", pod, tmp_path)
    for wrong in ("", "10.0.0.0/8"):
        with pytest.raises(BadSetting, match="PALIQUE_TRUSTED_PROXIES"):
            load(STRUCTS["gateway"], found | {"PALIQUE_TRUSTED_PROXIES": wrong})


def test_the_public_origin_is_the_host_of_the_ingress() -> None:
    (config,) = [one["data"] for one in of_kind("production", "ConfigMap") if "PALIQUE_MODE" in one["data"]]
    hosts = [rule["host"] for one in of_kind("production", "Ingress") for rule in one["spec"]["rules"]]
    assert config["PALIQUE_PUBLIC_ORIGINS"] == ",".join(f"https://{host}" for host in hosts)


@overlays
def test_addresses_name_headless_services_by_their_ports_and_certificates(overlay: str) -> None:
    (config,) = [
        one["data"]
        for one in of_kind(overlay, "ConfigMap")
        if one["metadata"]["name"].startswith("palique-") and "PALIQUE_MODE" in one["data"]
    ]
    for service in ("chat", "presence", "tickets"):
        host, port = split_address(config[f"PALIQUE_{service.upper()}_ADDRESSES"])
        found = named(overlay, "Service", host)["spec"]
        assert found["clusterIP"] == "None"
        assert [one["port"] for one in found["ports"]] == [port]
        assert host == f"palique-{service}"
        if overlay == "production":
            certificate = named(overlay, "Certificate", f"palique-{service}")["spec"]
            assert host in certificate["dnsNames"]


def test_one_may_go_and_the_service_stays() -> None:
    """At least two replicas, one stopped at a time: for drained nodes, upgrades and the autoscaler's first minute."""
    for service in SERVICES:
        name = f"palique-{service}"
        deployment = named("production", "Deployment", name)["spec"]
        scaler = named("production", "HorizontalPodAutoscaler", name)["spec"]
        assert min(deployment["replicas"], scaler["minReplicas"]) >= 2
        assert named("production", "PodDisruptionBudget", name)["spec"]["maxUnavailable"] == 1
        assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


@overlays
def test_a_stop_is_given_the_time_that_it_takes(overlay: str, tmp_path: Path) -> None:
    """A shorter grace period would cut the last sockets of each gateway and open calls."""
    for pod in pods(overlay):
        found = OPERATORS[overlay] | environment(overlay, pod, tmp_path / pod.service)
        settings: Any = load(STRUCTS[pod.service], found)
        own_s = settings.drain_ms / 1000 + 4 if pod.service == "gateway" else 8
        hook_s = pod.container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pod.spec["terminationGracePeriodSeconds"] >= hook_s + own_s + LEEWAY_S


def test_dashboards_and_rules_are_those_that_are_tested() -> None:
    maps = [one for one in of_kind("production", "ConfigMap") if "dashboard" in one["metadata"]["name"]]
    shown = {name: json.loads(text) for one in maps for name, text in one["data"].items()}
    kept = {path.name: json.loads(path.read_text()) for path in (ROOT / "deploy/observability/grafana").glob("*.json")}
    assert shown == kept
    (rule,) = of_kind("production", "PrometheusRule")
    alerts = {one["alert"] for group in rule["spec"]["groups"] for one in group["rules"] if "alert" in one}
    text = (ROOT / "deploy/observability/prometheus/rules.yaml").read_text()
    assert alerts == set(re.findall(r"alert: (\w+)", text))
