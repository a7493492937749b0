"""`make images-test` builds the images first and provides the engine."""

import os
import subprocess

import pytest

from devstack.rabbitmq import PrivateRabbit
from tests.images.containers import image
from tests.support.backends import AnyBackend


@pytest.fixture(scope="session")
def program() -> str:
    """The program of the container engine."""
    found = os.environ.get("ENGINE")
    if found is None:
        pytest.skip("NOT TESTED: `make images-test` runs these tests with a container engine")
    done = subprocess.run([found, "image", "inspect", image("gateway")], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"there are no images; `make images` builds them: {done.stderr}"
    return found


@pytest.fixture(scope="session")
def broker(program: str, rabbitmq: AnyBackend) -> PrivateRabbit:
    """A broker in which tests can create users. It depends on the engine's fixture, so that nothing starts without an engine."""
    del program
    if not isinstance(rabbitmq.backend, PrivateRabbit):
        pytest.skip("NOT TESTED: the rights need a broker of our own")
    return rabbitmq.backend
