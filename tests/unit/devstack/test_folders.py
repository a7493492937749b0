"""Files that other processes read are whole, and secrets are for their owner."""

import json
import stat
from pathlib import Path

from devstack.folders import read_table, write_whole
from devstack.tokens import stack_tokens


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    write_whole(path, "first")
    write_whole(path, "second")
    assert path.read_text() == "second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_cut_table_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    for content in ("", "{", "[1]", '"text"'):
        path.write_text(content)
        assert read_table(path) == {}


def test_tokens_stay_the_same_and_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    first = stack_tokens(path, ("gateway", "chat"))
    second = stack_tokens(path, ("gateway", "chat", "tickets"))
    assert len({*second.values()}) == 3
    assert {name: second[name] for name in first} == first
    assert json.loads(path.read_text()) == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
