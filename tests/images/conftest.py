"""`make images-test` builds the images first; the tests are skipped with a message when engine or images are missing."""

import subprocess

import pytest

from devstack.rabbitmq import PrivateRabbit
from tests.images.containers import engine, image
from tests.support.backends import AnyBackend


@pytest.fixture(scope="session")
def program() -> str:
    """The program of the container engine."""
    found = engine()
    if found is None:
        pytest.skip("NOT TESTED: neither podman nor docker runs here, so the images were not tried")
    if subprocess.run([found, "image", "inspect", image("gateway")], check=False, capture_output=True).returncode:
        pytest.skip("NOT TESTED: there are no images; `make images` builds them")
    return found


@pytest.fixture(scope="session")
def broker(program: str, rabbitmq: AnyBackend) -> PrivateRabbit:
    """A broker in which tests can create users. It depends on the engine's fixture, so that nothing starts without an engine."""
    del program
    if not isinstance(rabbitmq.backend, PrivateRabbit):
        pytest.skip("NOT TESTED: the rights need a broker of our own")
    return rabbitmq.backend
