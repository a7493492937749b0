"""Checks beyond schemas: the parts of an overlay fit one another and the services that run in them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from devstack.folders import ROOT
from devstack.settings import SERVICES
from kit.config.loader import BadSetting, load, variable
from kit.runtime.http_server import split_address
from tests.k8s.rendered import OVERLAYS, Pod, allowed_flows, named, of_kind, pods, rendered, selected
from tools.settings_table import STRUCTS

# (caller, callee) of all allowed calls.
CALLS = {
    ("gateway", "chat", 50051),
    ("gateway", "presence", 50051),
    ("gateway", "tickets", 50051),
    ("tickets", "chat", 50051),
    ("tickets", "presence", 50051),
}
# The reserve for a busy node.
LEEWAY_S = 5
overlays = pytest.mark.parametrize("overlay", OVERLAYS)
# What the operator of an installation has to add to the overlay.
OPERATORS: dict[str, dict[str, str]] = {"local": {}, "production": {"PALIQUE_TRUSTED_PROXIES": "10.42.0.0/16"}}
# The content of an installation's Secrets.
SECRETS = {
    "mongodb-url": "mongodb://user:kX9vQpW2@a,b,c/palique?replicaSet=rs0",
    "amqp-url": "amqp://user:kX9vQpW2@broker/palique",
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
def test_secrets_are_mounted_never_in_the_environment_and_the_local_ones_have_their_keys(overlay: str) -> None:
    """Requirement I-19: many tools print the environment."""
    secret = [variable(name) for name in ("mongodb_url", "amqp_url", "rpc_token", "rpc_tokens")]
    for pod in pods(overlay):
        names = [one["name"] for one in pod.container["env"]]
        assert not set(secret) & set(names)
        (volume,) = [one["secret"] for one in pod.spec["volumes"] if one["name"] == "secrets"]
        if overlay == "local":
            there = named(overlay, "Secret", volume["secretName"])["data"]
            assert {item["key"] for item in volume["items"]} == set(there)
        else:
            assert volume["secretName"] == f"palique-{pod.service}"
    if overlay == "production":
        assert not of_kind(overlay, "Secret"), "a secret in the repository is none"


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


def test_every_certificate_is_mounted_where_the_settings_look_and_signed_by_the_one_authority() -> None:
    for pod in pods("production"):
        certificate = named("production", "Certificate", f"palique-{pod.service}")["spec"]
        (volume,) = [one["secret"] for one in pod.spec["volumes"] if one["name"] == "tls"]
        assert volume["secretName"] == certificate["secretName"]
        assert {"server auth", "client auth"} <= set(certificate["usages"])
        issuer = named("production", "Issuer", certificate["issuerRef"]["name"])["spec"]
        assert (
            issuer["ca"]["secretName"] == named("production", "Certificate", "palique-authority")["spec"]["secretName"]
        )


@overlays
def test_policies_let_through_what_is_needed_and_nothing_more(overlay: str) -> None:
    """Between Palique's pods, from Prometheus and the ingress controller, and to DNS, database and broker."""
    assert set(allowed_flows(overlay)) == CALLS
    out = {
        (one["port"], bool(rule.get("to")))
        for policy in of_kind(overlay, "NetworkPolicy")
        for rule in policy["spec"].get("egress", [])
        for one in rule["ports"]
    }
    assert {port for port, _ in out} == {53, 50051, 27017, 5671, 5672}
    anywhere = {port for port, narrowed in out if not narrowed}
    assert anywhere == (set() if overlay == "local" else {27017, 5671, 5672})
    into = [
        (peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name"), one["port"])
        for policy in of_kind(overlay, "NetworkPolicy")
        for rule in policy["spec"].get("ingress", [])
        for peer in rule["from"]
        for one in rule["ports"]
    ]
    assert {one for one in into if one[0]} == {("monitoring", 9090), ("ingress-nginx", 8080)}


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


@overlays
def test_nothing_runs_with_more_than_it_needs(overlay: str) -> None:
    for pod in pods(overlay):
        assert pod.spec["automountServiceAccountToken"] is False
        assert pod.spec["securityContext"]["runAsNonRoot"] is True
        rights = pod.container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        limits, requests = pod.container["resources"]["limits"], pod.container["resources"]["requests"]
        assert set(limits) == set(requests) == {"cpu", "memory"}


def test_dashboards_and_rules_are_those_that_are_tested() -> None:
    maps = [one for one in of_kind("production", "ConfigMap") if "dashboard" in one["metadata"]["name"]]
    shown = {name: json.loads(text) for one in maps for name, text in one["data"].items()}
    kept = {path.name: json.loads(path.read_text()) for path in (ROOT / "deploy/observability/grafana").glob("*.json")}
    assert shown == kept
    (rule,) = of_kind("production", "PrometheusRule")
    alerts = {one["alert"] for group in rule["spec"]["groups"] for one in group["rules"] if "alert" in one}
    text = (ROOT / "deploy/observability/prometheus/rules.yaml").read_text()
    assert alerts == set(re.findall(r"alert: (\w+)", text))


def test_a_user_of_an_engine_has_one_database_and_its_own_queues() -> None:
    """Least rights in the resources of the operators."""
    (mongodb,) = of_kind("local", "MongoDBCommunity")
    for user in mongodb["spec"]["users"]:
        service = user["name"].removeprefix("palique-")
        assert user["roles"] == [{"name": "readWrite", "db": f"palique_{service}"}]
    assert {user["name"] for user in mongodb["spec"]["users"]} == {f"palique-{one}" for one in SERVICES}
    for service in SERVICES:
        permissions = named("local", "Permission", f"palique-{service}")["spec"]["permissions"]
        for others in set(SERVICES) - {service}:
            assert not any(re.search(right, f"{others}.events") for right in permissions.values())
    assert len(rendered("local")) > len(SERVICES)
