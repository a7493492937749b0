"""Ports stay the same at every start, unless another program uses one."""

import itertools
import random
import socket
from pathlib import Path

import pytest

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


def test_a_port_in_use_is_replaced(tmp_path: Path) -> None:
    port = Ports(tmp_path / "ports.json").port("mongodb")
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
        again = Ports(tmp_path / "ports.json").port("mongodb")
    assert again != port


def test_a_chosen_port_is_not_chosen_again_before_a_program_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Ports(tmp_path / "a.json"), Ports(tmp_path / "b.json")
    port = first.port("mongodb")
    # The claimed port twice, then all the others: another program may use one at any time.
    dice = itertools.chain([port, port], itertools.cycle(range(FIRST, LAST + 1)))
    monkeypatch.setattr(random, "randint", lambda *_: next(dice))
    assert second.port("mongodb") != port
    # Objects of the same table share their claims; a deleted object has none.
    assert Ports(tmp_path / "a.json").port("mongodb") == port
    del first
    monkeypatch.setattr(random, "randint", lambda *_: port)
    assert Ports(tmp_path / "c.json").port("mongodb") == port


def test_a_spoilt_file_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"mongodb": "many", "rabb')
    assert is_free(Ports(tmp_path / "ports.json").port("mongodb"))
