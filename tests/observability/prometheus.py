"""A real Prometheus that scrapes a stack every second or two and loads Palique's rules."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from devstack.folders import ROOT
from devstack.ports import Ports
from devstack.settings import SERVICES
from tests.support.eventually import eventually_sync
from tests.support.json_object import JsonObject
from tests.support.running import Running

RULES = ROOT / "deploy/observability/prometheus/rules.yaml"
READY_S = 30


class Prometheus:
    def __init__(self, address: str) -> None:
        self._url = f"http://{address}"

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self._url}/-/ready", verify=False).is_success
        except httpx.TransportError:
            return False

    def values(self, query: str) -> list[float]:
        """The values of an instant query; AssertionError when the query is invalid."""
        answer = httpx.get(f"{self._url}/api/v1/query", params={"query": query}, verify=False).json()
        assert answer["status"] == "success", (query, answer)
        return [float(one["value"][1]) for one in answer["data"]["result"]]

    def firing(self) -> frozenset[str]:
        """The firing alerts."""
        answer = httpx.get(f"{self._url}/api/v1/alerts", verify=False).json()
        return frozenset(one["labels"]["alertname"] for one in answer["data"]["alerts"] if one["state"] == "firing")

    def rules(self) -> list[JsonObject]:
        groups = httpx.get(f"{self._url}/api/v1/rules", verify=False).json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


@contextmanager
def scraping(running: Running, folder: Path, rules: Path = RULES, every_s: int = 1) -> Iterator[Prometheus]:
    """Prometheus while the block runs."""
    address = f"127.0.0.1:{Ports(folder / 'ports.json').port('prometheus')}"
    config = folder / "prometheus.yml"
    # JSON is valid YAML.
    config.write_text(json.dumps(_config(running, rules, every_s)))
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address={address}"],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            prometheus = Prometheus(address)
            eventually_sync(prometheus.ready, READY_S)
            yield prometheus
        finally:
            process.terminate()
            process.wait(READY_S)


def _config(running: Running, rules: Path, every_s: int) -> JsonObject:
    services = running.described()["services"]
    return {
        "global": {"scrape_interval": f"{every_s}s", "scrape_timeout": f"{every_s}s", "evaluation_interval": "1s"},
        "rule_files": [str(rules)],
        "scrape_configs": [
            {
                "job_name": "palique",
                "static_configs": [
                    {
                        "targets": [one["ops"].removeprefix("http://") for one in services[service]],
                        "labels": {"service": service},
                    }
                    for service in SERVICES
                ],
            }
        ],
    }
