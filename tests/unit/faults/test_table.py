"""The tables of docs/guarantees.md are made of what runs counted, and of nothing with a finding in it."""

import json
from pathlib import Path

import pytest

from tests.faults import table
from tests.support.json_object import JsonObject

PAGE = "".join(f"<!-- {name}:begin -->\nOld\n<!-- {name}:end -->\n" for name, *_ in table.PARTS)


def a_cell(**fields: object) -> JsonObject:
    cell = {"cell": "F3", "fault": "broker killed", "counts": {"kills": 3}, "acknowledged": 90, "duplicates": 1}
    return cell | {"reconnects": 2, "longest_delay_s": 0.5, "whole_after_s": 1.5, "findings": []} | fields


def a_run(seed: int, **fields: object) -> JsonObject:
    run = {"seed": seed, "kills": {"chat": 2, "mongodb": 1}, "kills_total": 3, "seconds": 90.0, "acknowledged": 50}
    return (
        run
        | {"conversations": 4, "duplicates": 1, "reconnects": 6, "longest_delay_s": seed / 2, "findings": []}
        | fields
    )


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs leave their counts."""
    (tmp_path / "page.md").write_text(PAGE)
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    monkeypatch.setattr(table, "PAGE", tmp_path / "page.md")
    return tmp_path


def test_what_was_counted_stands_between_the_marks(written: Path) -> None:
    """Runs with several seeds are listed one by one and as a sum; cells that were not run keep their rows."""
    (written / "cells.json").write_text(json.dumps({"cells": [a_cell()]}))
    for seed in (7, 12):
        (written / f"random-{seed}.json").write_text(json.dumps(a_run(seed)))
    assert table.main() == 0
    page = (written / "page.md").read_text()
    assert "| F3 | broker killed | 90 | kills 3 | 1 | 2 | 0.5 s | 1.5 s | 0 |" in page
    assert "| kill -9 of the broker, 3 kills | F3 | 90 | 0 |" in page
    assert "| 3 | chat 2, mongodb 1 | 7 |" in page
    assert "| 6 | chat 4, mongodb 2 | all | 3 min | 100 in 8 conversations | 2 | 12 | 6.0 s | 0 |" in page
    assert "<!-- mutants:begin -->\nOld\n<!-- mutants:end -->" in page


def test_a_run_with_findings_is_no_table(written: Path) -> None:
    (written / "cells.json").write_text(json.dumps({"cells": [a_cell(findings=["log_is_dense: talk-a"])]}))
    assert table.main() == 1
    assert (written / "page.md").read_text() == PAGE


@pytest.mark.parametrize(("checks", "as_it_is"), [([], 0), (["log_is_dense"], 1), (["log_is_dense"], None)])
def test_a_blind_bench_is_no_table(written: Path, checks: list[str], as_it_is: int | None) -> None:
    """Failures: a mutant without a finding, a cell with a finding in the unchanged product, a cell that was not run."""
    row = {"mutant": "forgets", "cell": "F1", "findings": len(checks), "checks": checks, "as_it_is": as_it_is}
    (written / "mutants.json").write_text(json.dumps({"mutants": [row]}))
    assert table.main() == 1
