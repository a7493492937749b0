"""What pods may do and reach: secrets, certificates, network policies, and rights on the engines."""

import re

from devstack.settings import SERVICES
from kit.config.loader import variable
from tests.k8s.rendered import allowed_flows, named, of_kind, overlays, pods, rendered

# (caller, callee) of all allowed calls.
CALLS = {
    ("gateway", "chat", 50051),
    ("gateway", "presence", 50051),
    ("gateway", "tickets", 50051),
    ("tickets", "chat", 50051),
    ("tickets", "presence", 50051),
}


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
