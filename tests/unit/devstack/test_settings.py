"""What a person may choose about their stack."""

from pathlib import Path

import pytest

from devstack.failure import StackError
from devstack.settings import read_settings

HERE = Path("/somewhere")


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    settings = read_settings({}, HERE)
    assert settings.home == Path("/somewhere/.palique")
    assert settings.port == 8080
    assert settings.replicas == {"presence": 1, "chat": 1, "tickets": 1, "gateway": 1}
    assert settings.mongodb_url is None
    assert settings.amqp_url is None
    assert settings.mongodb_prefix == "palique"
    assert settings.demo


def test_an_absolute_home_stays_and_a_relative_one_starts_from_the_directory() -> None:
    assert read_settings({"PALIQUE_HOME": "/elsewhere"}, HERE).home == Path("/elsewhere")
    assert read_settings({"PALIQUE_HOME": "second"}, HERE).home == Path("/somewhere/second")


@pytest.mark.parametrize("home", ["100%", "it's", 'the "home"', "a\nb", "a #b", "a ;b"])
def test_a_home_that_configuration_files_cannot_hold_is_refused_by_name(home: str) -> None:
    with pytest.raises(StackError, match="PALIQUE_HOME"):
        read_settings({"PALIQUE_HOME": home}, HERE)


def test_an_empty_url_counts_as_unset() -> None:
    assert read_settings({"PALIQUE_MONGODB_URL": ""}, HERE).mongodb_url is None


def test_the_demo_site_can_be_left_out() -> None:
    assert not read_settings({"PALIQUE_DEMO": "off"}, HERE).demo
    with pytest.raises(StackError, match="PALIQUE_DEMO"):
        read_settings({"PALIQUE_DEMO": "no"}, HERE)


def test_replicas_are_named_and_the_rest_stays_one() -> None:
    replicas = read_settings({"PALIQUE_REPLICAS": " gateway=2, chat=3 ,"}, HERE).replicas
    assert replicas == {"presence": 1, "chat": 3, "tickets": 1, "gateway": 2}


@pytest.mark.parametrize(
    "text", ["chat", "chat=", "chat=0", "chat=10", "chat=-1", "chat=²", "mail=2", "=2", "chat=2;x"]
)
def test_replicas_that_make_no_sense_are_refused_by_name(text: str) -> None:
    with pytest.raises(StackError, match="PALIQUE_REPLICAS"):
        read_settings({"PALIQUE_REPLICAS": text}, HERE)


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "8080 ", "٨٠٨٠"])
def test_a_port_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(StackError, match="PALIQUE_PORT"):
        read_settings({"PALIQUE_PORT": text}, HERE)


def test_one_variable_of_one_process_can_be_changed() -> None:
    environ = {
        "PALIQUE_REPLICAS": "chat=2",
        "PALIQUE_STACK_ENV_CHAT_2_PALIQUE_MONGODB_URL": "mongodb://elsewhere",
        "PALIQUE_STACK_ENV_CHAT_2_PALIQUE_LOG_LEVEL": "debug",
    }
    overrides = read_settings(environ, HERE).overrides
    assert overrides == {
        ("chat", 2): {"PALIQUE_MONGODB_URL": "mongodb://elsewhere", "PALIQUE_LOG_LEVEL": "debug"},
    }


@pytest.mark.parametrize("rest", ["CHAT_2_X", "MAIL_1_X", "CHAT_X", "CHAT_0_X", "CHAT_1_", "chat_1_X"])
def test_a_change_for_a_process_that_will_not_run_is_refused_by_name(rest: str) -> None:
    with pytest.raises(StackError, match=f"PALIQUE_STACK_ENV_{rest} names no process"):
        read_settings({f"PALIQUE_STACK_ENV_{rest}": "1"}, HERE)


def test_mongodb_has_one_member_or_three() -> None:
    """Two would be no majority after the death of either."""
    assert read_settings({}, HERE).mongodb_members == 1
    assert read_settings({"PALIQUE_MONGODB_MEMBERS": "3"}, HERE).mongodb_members == 3
    with pytest.raises(StackError, match="PALIQUE_MONGODB_MEMBERS"):
        read_settings({"PALIQUE_MONGODB_MEMBERS": "2"}, HERE)
