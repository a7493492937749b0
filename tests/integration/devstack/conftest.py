"""Stacks with fixture services, stopped after the test whatever happened."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.stack import NO_ENGINE, Stack

MODULE = "tests.integration.devstack.fixture_stack"
MakeStack = Callable[..., Stack]


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    """Makes a stack in a folder of this name, with these settings; the caller starts it."""
    made: list[Stack] = []

    def make(name: str = "home", **env: str) -> Stack:
        made.append(Stack(tmp_path / name, dict([NO_ENGINE]) | env, MODULE))
        return made[-1]

    yield make
    for stack in made:
        stack.stop()


@pytest.fixture
def shared(mongodb_url: str, amqp_url: str) -> dict[str, str]:
    """Settings of a stack that uses the session's backends: it starts in two seconds."""
    return {"PALIQUE_MONGODB_URL": mongodb_url, "PALIQUE_AMQP_URL": amqp_url}


@pytest.fixture
def shared_broker(amqp_url: str) -> dict[str, str]:
    """Settings of a stack that starts a MongoDB and uses the session's broker, whose start costs 8 s of CPU."""
    return {"PALIQUE_AMQP_URL": amqp_url}
