"""A start that cannot succeed says why in a sentence, fails, and leaves nothing."""

import socket

import psutil
import pytest

from devstack.leftovers import leftovers
from devstack.settings import SERVICES
from tests.integration.devstack.conftest import MakeStack
from tests.integration.devstack.fixture_stack import FIXTURE
from tests.support.eventually import eventually_sync
from tests.support.stack import Stack

pytestmark = pytest.mark.slow


def fails(stack: Stack) -> str:
    """What it said."""
    stack.launch()
    assert stack.wait() == 1
    assert leftovers(stack.home) == []
    assert not stack.file.exists()
    said = stack.output.read_text()
    assert "Traceback" not in said
    return said


def test_a_service_that_ends_is_named_with_the_end_of_its_log(make_stack: MakeStack, shared: dict[str, str]) -> None:
    stack = make_stack(**shared, PALIQUE_STACK_ENV_CHAT_1_PALIQUE_CRASH="1")
    said = fails(stack)
    assert "palique: chat-1 ended while it was starting." in said
    assert f"The end of {stack.home / 'logs' / 'chat-1.log'}:" in said
    assert "| the fixture was told to crash" in said


def test_a_port_in_use_is_named(make_stack: MakeStack, shared: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} is in use; set PALIQUE_PORT" in fails(make_stack(**shared, PALIQUE_PORT=str(port)))


def test_a_second_stack_in_the_same_home_is_refused_and_the_first_goes_on(
    make_stack: MakeStack, shared: dict[str, str]
) -> None:
    first = make_stack(**shared)
    first.start()
    second = make_stack(**shared)
    second.launch()
    assert second.wait() == 1
    assert "A stack already runs in" in second.output.read_text()
    assert first.file.exists()
    assert first.exit_status() is None
    assert first.stop() == 0


def test_a_given_server_that_is_not_there_is_named_by_its_setting(
    make_stack: MakeStack, shared: dict[str, str]
) -> None:
    nowhere = shared | {"PALIQUE_MONGODB_URL": "mongodb://127.0.0.1:1/?replicaSet=rs0"}
    assert "PALIQUE_MONGODB_URL is set, but no usable server answers there." in fails(make_stack(**nowhere))


def test_a_given_url_that_is_none_is_named_by_its_setting(make_stack: MakeStack, shared: dict[str, str]) -> None:
    assert "PALIQUE_MONGODB_URL cannot be used" in fails(
        make_stack("one", **shared | {"PALIQUE_MONGODB_URL": "mongodb://"})
    )
    assert "PALIQUE_AMQP_URL is not" in fails(make_stack("two", **shared | {"PALIQUE_AMQP_URL": "http://x"}))


def test_a_setting_that_makes_no_sense_is_named(make_stack: MakeStack) -> None:
    assert "PALIQUE_REPLICAS has 'chat=0'" in fails(make_stack(PALIQUE_REPLICAS="chat=0"))


def fixtures(stack: Stack) -> list[psutil.Process]:
    """Processes of services that run their own program."""
    return [process for process in leftovers(stack.home) if FIXTURE in process.cmdline()]


def test_a_stop_while_it_starts_is_orderly(make_stack: MakeStack, shared_broker: dict[str, str]) -> None:
    stack = make_stack(**shared_broker, PALIQUE_STACK_ENV_CHAT_1_PALIQUE_UNREADY="1")
    stack.launch()
    # A signal between fork and exec is lost in the supervisor's own handler, and then costs its 15 s.
    eventually_sync(lambda: len(fixtures(stack)) == len(SERVICES), 60, sentence="all services have started")
    assert stack.stop() == 0
    assert leftovers(stack.home) == []
