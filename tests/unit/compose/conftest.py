"""The host of an installation is not this machine: its ports are free, and its name resolves."""

import pytest

from deploy.compose import installation


@pytest.fixture(autouse=True)
def _fitting_host(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(installation, "_resolves", lambda _: True)
    if "taken_port" not in request.fixturenames:
        monkeypatch.setattr(installation, "_is_in_use", lambda _: False)
