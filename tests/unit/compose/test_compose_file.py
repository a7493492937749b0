"""What deploy/compose promises: limits, restarts, rotated logs, probes, secrets as files, and one published container (issue 13)."""

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose import installation
from devstack.folders import ROOT
from devstack.settings import SERVICES
from kit.config.known_names import KNOWN
from kit.config.loader import load, variable
from tests.support.json_object import JsonObject
from tests.unit.compose.compose_file import FOLDER, Service, compose_file, initialised
from tools.settings_table import STRUCTS

ENGINES = ("mongodb", "rabbitmq")
CONFIDENTIAL = {variable(name) for name in ("mongodb_url", "amqp_url", "rpc_token", "rpc_tokens")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def whole(folder: Path) -> JsonObject:
    """The whole file, of an installation in `folder`."""
    return compose_file(initialised(folder))


@pytest.fixture
def services(whole: JsonObject) -> dict[str, Service]:
    found: dict[str, Service] = whole["services"]
    assert set(found) == {*SERVICES, *ENGINES, "caddy", "setup"}
    return found


def test_every_container_has_limits_rotated_logs_and_a_restart(services: dict[str, Service]) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
        # A limit above the cores of the host is an error of the engine.
        assert 0 < float(service["cpus"]) <= 1, name
        assert service["pids_limit"] > 0, name
        assert {"max-size", "max-file"} <= set(service["logging"]["options"]), name
        assert service["restart"] == ("no" if name == "setup" else "unless-stopped"), name


def test_every_container_that_stays_has_a_probe(services: dict[str, Service]) -> None:
    for name in set(services) - {"setup"}:
        probe = services[name]["healthcheck"]
        assert probe["test"][0] == "CMD", name
        # Podman divides the arguments at blanks, and a probe of its first word may always succeed.
        assert not [part for part in probe["test"] if " " in part], name
        assert {"interval", "timeout", "retries", "start_period"} <= set(probe), name


def test_no_container_has_more_rights_than_it_needs(services: dict[str, Service]) -> None:
    """Caddy alone is root, without a right but to bind low ports: the folder of certificates of its image is root's."""
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "caddy" else []), name
        assert ("user" in service) is (name != "caddy"), name
        assert not {"privileged", "network_mode", "pid", "devices"} & set(service), name


def test_caddy_alone_has_ports_on_the_host_and_reaches_the_gateway_alone(
    whole: JsonObject, services: dict[str, Service]
) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    assert services["caddy"]["ports"] == ["80:80", "443:443"]
    on_edge = {name for name, service in services.items() if "edge" in service["networks"]}
    assert on_edge == {"caddy", "gateway"}
    assert "inside" not in services["caddy"]["networks"]
    assert whole["networks"]["inside"]["internal"] is True
    assert [name for name, service in services.items() if "outside" in service["networks"]] == ["tickets"]


def test_images_are_pinned(services: dict[str, Service]) -> None:
    for name, service in services.items():
        own = "chat" if name == "setup" else name
        if own in SERVICES:
            assert service["image"] == f"localhost/palique-{own}:dev"
        else:
            assert re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+", service["image"]), name


def test_secrets_are_files_of_their_service_alone(
    whole: JsonObject, services: dict[str, Service], folder: Path
) -> None:
    """Requirement I-19: many tools print the environment."""
    made = {path.name for path in (folder / "secrets").iterdir()}
    assert {name: one["file"] for name, one in whole["secrets"].items()} == {n: f"./secrets/{n}" for n in made}
    for name in SERVICES:
        environment = services[name]["environment"]
        assert not CONFIDENTIAL & set(environment)
        files = {value for key, value in environment.items() if key.endswith("_FILE")}
        assert files == {f"/run/secrets/{secret}" for secret in services[name]["secrets"]}
        assert all(secret.startswith(f"{name}-") for secret in services[name]["secrets"])
    urls = {f"{name}-mongodb-url" for name in SERVICES}
    assert set(services["setup"]["secrets"]) == {"mongodb-key", *urls}
    assert "secrets" not in services["caddy"]


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_starts_with_its_settings_in_production(
    services: dict[str, Service], folder: Path, name: str
) -> None:
    """The loader of the process: none missing, none unknown, no secret too short."""
    environment = {
        key: value.replace("/run/secrets", str(folder / "secrets"))
        for key, value in services[name]["environment"].items()
    }
    settings: Any = load(STRUCTS[name], environment)
    assert settings.mode == "production"
    assert settings.mongodb_url.endswith(f"@mongodb:27017/palique_{name}?replicaSet=rs0")
    if name != "gateway":
        assert settings.grpc_address == "0.0.0.0:50051"  # the port of the addresses in x-settings
        return
    assert settings.public_origins == ("https://chat.shop.example",)
    assert settings.public_address == "0.0.0.0:8080"
    assert settings.trusted_proxies == (services["caddy"]["networks"]["edge"]["ipv4_address"],)


def test_the_callers_tokens_are_known_to_the_services_that_they_call(folder: Path, whole: JsonObject) -> None:
    del whole

    def secret(name: str) -> str:
        return (folder / "secrets" / name).read_text()

    calls = {"presence": ("gateway", "tickets"), "chat": ("gateway", "tickets"), "tickets": ("gateway",)}
    for called, callers in calls.items():
        expected = [f"{caller}:*:{secret(f'{caller}-rpc-token')}" for caller in callers]
        assert secret(f"{called}-rpc-tokens").split(",") == expected


def test_no_other_container_can_have_caddys_address(whole: JsonObject, services: dict[str, Service]) -> None:
    """Addresses that it forwards are trusted."""
    (config,) = whole["networks"]["edge"]["ipam"]["config"]
    address = ipaddress.ip_address(services["caddy"]["networks"]["edge"]["ipv4_address"])
    assert address in list(ipaddress.ip_network(config["subnet"]).hosts())
    assert address not in ipaddress.ip_network(config["ip_range"])
    fixed = [name for name, service in services.items() if "ipv4_address" in str(service["networks"])]
    assert fixed == ["caddy"]


def test_a_stop_takes_no_longer_than_compose_waits(services: dict[str, Service]) -> None:
    drain_s = int(services["gateway"]["environment"]["PALIQUE_DRAIN_MS"]) / 1000
    assert 1.5 * drain_s + 5 < int(services["gateway"]["stop_grace_period"].removesuffix("s"))


def test_mounted_files_are_there_and_cannot_be_written(whole: JsonObject, services: dict[str, Service]) -> None:
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source, _, rest = volume.partition(":")
            if source.startswith("."):
                assert (FOLDER / source).is_file(), name
                assert rest.endswith(":ro"), name
            else:
                assert source in whole["volumes"], name


def test_caddy_gets_every_variable_of_its_file(services: dict[str, Service]) -> None:
    used = set(re.findall(r"\{\$(\w+)\}", (FOLDER / "Caddyfile").read_text()))
    assert used
    assert used <= set(services["caddy"]["environment"])


def test_the_documented_override_fits(services: dict[str, Service]) -> None:
    """Its command is that of the file with another size of the cache, because compose replaces lists."""
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/one-host.md").read_text(), re.MULTILINE | re.DOTALL)
    override = yaml.safe_load(block)["services"]
    assert set(override["gateway"]["environment"]) <= KNOWN
    written = [part for part in override["mongodb"]["command"] if part != "2"]
    assert written == [part for part in services["mongodb"]["command"] if part != "0.5"]


def test_before_init_the_message_names_it() -> None:
    with pytest.raises(KeyError, match=r"run \./init first"):
        compose_file({})


def test_the_rights_at_the_broker_are_those_of_the_manifests() -> None:
    manifests = list(yaml.safe_load_all((ROOT / "deploy/k8s/components/engines/rabbitmq.yaml").read_text()))
    rights = {
        one["metadata"]["name"].removeprefix("palique-"): one["spec"]["permissions"]
        for one in manifests
        if one["kind"] == "Permission"
    }
    assert rights == installation.BROKER_RIGHTS
