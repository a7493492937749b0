"""Which container engine and which images the targets of the Makefile take. `make containers-test` runs them for real."""

from pathlib import Path

import pytest

from devstack.engine.find import find_engine
from devstack.engine.standins import obtain
from devstack.failure import StackError


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder with programs, empty."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CONTAINERS_CONF", "/somewhere")
    return tmp_path


def put(programs: Path, name: str, status: int) -> None:
    program = programs / name
    program.write_text(f"#!/bin/sh\nexit {status}\n")
    program.chmod(0o755)


def test_a_program_whose_engine_does_not_answer_is_passed_over(programs: Path) -> None:
    put(programs, "podman", 125)
    put(programs, "docker", 0)
    assert find_engine() == "docker"
    put(programs, "podman", 0)
    assert find_engine() == "podman"


def test_without_an_engine_and_apt_the_error_names_the_packages_and_the_alternative(programs: Path) -> None:
    put(programs, "docker", 1)
    with pytest.raises(StackError, match=r"podman and runc .* no apt-get. Or start the daemon of docker"):
        find_engine()


def test_a_selected_image_has_no_stand_in(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_IMAGE", "registry.example/python:3.11")
    assert obtain("podman", "python") == "registry.example/python:3.11"
