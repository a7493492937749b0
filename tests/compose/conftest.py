"""`make compose-test` builds the images first, and provides the engine and a compose program."""

import os
import ssl
import time
from collections.abc import Iterator

import pytest

from devstack.ports import Ports
from tests.compose.one_host import AGENT, PASSWORD, SITE, OneHost, one_host


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneHost]:
    """The installation, started, with a site and an agent. Prints the time and the memory of the start."""
    engine = os.environ.get("ENGINE")
    if engine is None:
        pytest.skip("NOT TESTED: `make compose-test` runs these tests with a container engine")
    folder = tmp_path_factory.mktemp("compose")
    ports = Ports(folder / "ports.json")
    with one_host(engine, folder / "compose", "palique-compose-test", ports) as found:
        began = time.monotonic()
        found.compose("up", "-d")
        found.wait_healthy()
        took_s = time.monotonic() - began
        print(f"\nhealthy after {took_s:.0f} s; memory in MB: {found.memory_mb()}")  # noqa: T201 - for docs/one-host.md
        found.palique("create-site", SITE, "--name", "The shop", "--origin", "loopback")
        found.palique(
            "create-agent", AGENT, "--site", SITE, "--name", "Ana", "--password-stdin", stdin=PASSWORD
        )  # fmt: skip
        yield found


@pytest.fixture(scope="session")
def url(host: OneHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Caddy. Clients trust its authority."""
    root = tmp_path_factory.mktemp("authority") / "root.crt"
    root.write_text(host.compose("exec", "-T", "caddy", "cat", "/data/caddy/pki/authorities/local/root.crt"))
    with pytest.MonkeyPatch.context() as patch:
        # Where Python's TLS looks for authorities.
        patch.setenv(ssl.get_default_verify_paths().openssl_cafile_env, str(root))
        settings = dict(line.split("=", 1) for line in (host.folder / ".env").read_text().splitlines() if "=" in line)
        yield settings["PALIQUE_ORIGIN"]
