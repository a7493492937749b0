"""docs/tests.md leads from each requirement to the tests in Chromium that show it, as their docstrings say."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/tests.md"
WANTED = [*(f"S-{number:02}" for number in range(1, 61)), *(f"W-{number:02}" for number in range(1, 9))]
# `S-14`, or `S-14 … S-22`.
NAMED = re.compile(r"\b([SW])-(\d\d)(?: … \1-(\d\d))?")


def named(docstring: str) -> set[str]:
    """The ids in a docstring."""
    found = set()
    for kind, first, last in NAMED.findall(docstring):
        found |= {f"{kind}-{number:02}" for number in range(int(first), int(last or first) + 1)}
    return found


@cache
def shown() -> dict[str, list[str]]:
    """The tests of each id, as `file: test`."""
    tests = defaultdict(list)
    for path in sorted((ROOT / "tests/browser").glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for identity in named(ast.get_docstring(node) or ""):
                    tests[identity].append(f"`{path.stem}`: {node.name.removeprefix('test_').replace('_', ' ')}")
    return tests


def table() -> str:
    tests = shown()
    rows = [f"| {identity} | {'; '.join(tests.get(identity, []))} |" for identity in WANTED]
    return "\n".join(["| Id | Tests |", "| --- | --- |", *rows])


def test_ranges_are_read() -> None:
    assert named("S-01, S-14 … S-16, W-03: all") == {"S-01", "S-14", "S-15", "S-16", "W-03"}


def test_every_requirement_has_a_test() -> None:
    assert [identity for identity in WANTED if identity not in shown()] == []


def test_the_page_says_what_the_tests_say() -> None:
    assert table() in PAGE.read_text(), f"docs/tests.md should hold:\n{table()}"
