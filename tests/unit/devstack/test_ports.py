"""Ports stay the same from start to start, unless somebody else took one."""

import socket
from pathlib import Path

from devstack.ports import FIRST, LAST, Ports, is_free


def test_each_name_has_a_port_of_its_own_below_those_that_clients_are_given(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    given = [ports.port(f"name-{number}") for number in range(50)]
    assert len(set(given)) == 50
    assert all(FIRST <= port <= LAST < 32768 for port in given)


def test_the_next_start_has_the_same_ports(tmp_path: Path) -> None:
    first = Ports(tmp_path / "ports.json")
    given = {name: first.port(name) for name in ("mongodb", "rabbitmq")}
    second = Ports(tmp_path / "ports.json")
    assert {name: second.port(name) for name in reversed(given)} == given


def test_a_port_that_somebody_took_is_replaced(tmp_path: Path) -> None:
    port = Ports(tmp_path / "ports.json").port("mongodb")
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
        again = Ports(tmp_path / "ports.json").port("mongodb")
    assert again != port


def test_a_spoilt_file_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"mongodb": "many", "rabb')
    assert is_free(Ports(tmp_path / "ports.json").port("mongodb"))
