"""The configuration says to supervisord exactly what the programs say; supervisord's own reader is the judge."""

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervisor.options import ServerOptions

from devstack.failure import StackError
from devstack.program import Program, Tier
from devstack.supervisord_config import supervisord_config
from tests.support.json_object import JsonObject

# What a path or a URL may hold; quotes, line breaks and comments are refused, see below.
plain = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\"'"), min_size=1)


def read_back(programs: list[Program], folder: Path) -> JsonObject:
    """Each program's configuration as supervisord understands it."""
    text = supervisord_config(programs, socket=folder / "socket", pidfile=folder / "pid", logs=folder, max_files=1024)
    file = folder / "supervisord.conf"
    file.write_text(text)
    options = ServerOptions()
    options.realize(["-c", str(file)])
    return {config.name: config for group in options.process_group_configs for config in group.process_configs}


@given(arguments=st.lists(plain, max_size=4), value=plain)
def test_arguments_and_environment_arrive_unchanged(
    tmp_path_factory: pytest.TempPathFactory, arguments: list[str], value: str
) -> None:
    folder = tmp_path_factory.mktemp("config")
    program = Program("chat-1", ("/bin/echo", *arguments), Tier.SERVICES, {"PALIQUE_VALUE": value})
    config = read_back([program], folder)["chat-1"]
    assert shlex.split(config.command) == ["/bin/echo", *arguments]
    assert config.environment == {"PALIQUE_VALUE": value}


def test_blanks_in_a_path_arrive_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "my (home) ü"
    folder.mkdir()
    config = read_back([Program("one", ("/bin/true", str(folder)), Tier.SERVICES, directory=folder)], folder)["one"]
    assert shlex.split(config.command) == ["/bin/true", str(folder)]
    assert config.directory == str(folder)
    assert config.stdout_logfile == str(folder / "one.log")


@pytest.mark.parametrize("value", ['say "yes"', "it's", "two\nlines", "a ;comment", "a #comment"])
def test_what_the_format_cannot_hold_is_refused(value: str) -> None:
    program = Program("one", ("/bin/true",), Tier.SERVICES, {"PALIQUE_VALUE": value})
    with pytest.raises(StackError):
        supervisord_config([program], socket=Path("s"), pidfile=Path("p"), logs=Path("l"), max_files=1024)


def test_nothing_starts_by_itself_and_gateways_stop_before_services_before_backends(tmp_path: Path) -> None:
    programs = [Program(tier.name.lower() + "-1", ("/bin/true",), tier) for tier in Tier]
    supervisord_config(programs, socket=tmp_path / "s", pidfile=tmp_path / "p", logs=tmp_path, max_files=1024)
    read = read_back(programs, tmp_path)
    assert [config.autostart for config in read.values()] == [False, False, False]
    options = ServerOptions()
    options.realize(["-c", str(tmp_path / "supervisord.conf")])
    # supervisord stops the group with the highest number first, and waits for it.
    by_priority = sorted(options.process_group_configs, key=lambda group: group.priority)
    assert [group.name for group in by_priority] == ["backends", "services", "gateways"]
