"""docs/security.md has every requirement of OWASP ASVS 5.0.0, levels 1 and 2, once, and names tests that exist."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
# In the order of the table of totals.
STATES = ("holds", "does not apply", "installation", "*open*")
# `V1.2: 1-5` are V1.2.1 to V1.2.5.
LEVELS = {
    1: (
        "V1.2: 1-5; V1.3: 1-2; V1.5: 1; V2.1: 1; V2.2: 1-2; V2.3: 1; V3.2: 1-2; V3.3: 1; V3.4: 1-2; V3.5: 1-3; "
        "V4.1: 1; V4.4: 1; V5.2: 1-2; V5.3: 1-2; V6.1: 1; V6.2: 1-8; V6.3: 1-2; V6.4: 1-2; V7.2: 1-4; "
        "V7.4: 1-2; V8.1: 1; V8.2: 1-2; V8.3: 1; V9.1: 1-3; V9.2: 1; V10.4: 1-5; V11.3: 1-2; V11.4: 1; "
        "V12.1: 1; V12.2: 1-2; V13.4: 1; V14.2: 1; V14.3: 1; V15.1: 1; V15.2: 1; V15.3: 1"
    ),
    2: (
        "V1.1: 1-2; V1.2: 6-9; V1.3: 3-11; V1.4: 1-3; V1.5: 2; V2.1: 2-3; V2.2: 3; V2.3: 2-4; V2.4: 1; "
        "V3.3: 2-4; V3.4: 3-6; V3.5: 4-5; V3.7: 1-2; V4.1: 2-3; V4.2: 1; V4.3: 1-2; V4.4: 2-4; V5.1: 1; "
        "V5.2: 3; V5.4: 1-3; V6.1: 2-3; V6.2: 9-12; V6.3: 3-4; V6.4: 3-4; V6.5: 1-5; V6.6: 1-3; V6.8: 1-4; "
        "V7.1: 1-3; V7.3: 1-2; V7.4: 3-5; V7.5: 1-2; V7.6: 1-2; V8.1: 2; V8.2: 3; V8.4: 1; V9.2: 2-4; "
        "V10.1: 1-2; V10.2: 1-2; V10.3: 1-4; V10.4: 6-11; V10.5: 1-5; V10.6: 1-2; V10.7: 1-3; V11.1: 1-2; "
        "V11.2: 1-3; V11.3: 3; V11.4: 2-4; V11.5: 1; V11.6: 1; V12.1: 2-3; V12.3: 1-4; V13.1: 1; V13.2: 1-5; "
        "V13.3: 1-2; V13.4: 2-5; V14.1: 1-2; V14.2: 2-4; V14.3: 2-3; V15.1: 2-3; V15.2: 2-3; V15.3: 2-7; "
        "V16.1: 1; V16.2: 1-5; V16.3: 1-4; V16.4: 1-3; V16.5: 1-3; V17.1: 1; V17.2: 1-4; V17.3: 1-2"
    ),
}
_ROW = re.compile(r"^\| (V[0-9.]+) \| ([12]) \| (.*?) \| (.*) \| (.*?) \|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/.]+\.(?:py|tsx?))::([^`]+)`")


class Row(NamedTuple):
    id: str
    level: int
    state: str
    how: str
    test: str


ROWS = [Row(match[1], int(match[2]), *match.groups()[2:]) for match in _ROW.finditer(PAGE)]


def required(level: int) -> list[str]:
    found = []
    for section, numbers in (part.split(": ") for part in LEVELS[level].split("; ")):
        for part in numbers.split(","):
            first, _, last = part.partition("-")
            found += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    return found


@pytest.mark.parametrize(("level", "count"), [(1, 70), (2, 183)])
def test_every_requirement_of_the_level_has_one_row(level: int, count: int) -> None:
    expected = required(level)
    assert len(expected) == count
    assert Counter(row.id for row in ROWS if row.level == level) == Counter(expected)


def test_every_row_has_a_state_and_a_reason_and_the_totals_are_right() -> None:
    assert {row.state for row in ROWS} <= set(STATES)
    assert [row.id for row in ROWS if len(row.how) < 5] == []
    counts = Counter((row.level, row.state) for row in ROWS)
    for level in (1, 2):
        parts = [counts[level, state] for state in STATES]
        print(f"level {level}: {dict(zip(STATES, parts, strict=True))}")  # noqa: T201 - for the report
        assert "| " + " | ".join(map(str, [level, sum(parts), *parts])) + " |" in PAGE


def test_what_holds_has_a_test_or_a_section_of_this_page() -> None:
    def is_shown(row: Row) -> bool:
        return bool(_TEST.fullmatch(row.test)) or "](" in row.how

    assert [row.id for row in ROWS if row.state == "holds" and not is_shown(row)] == []


def test_every_named_test_exists() -> None:
    named = _TEST.findall(PAGE)
    assert len(named) > 100
    assert [f"{file}::{name}" for file, name in named if not exists(file, name)] == []


def exists(file: str, name: str) -> bool:
    path = ROOT / file if file.startswith("web/") else ROOT / "tests" / file
    if not path.is_file():
        return False
    text = path.read_text()
    return f"def {name}(" in text if file.endswith(".py") else f'"{name}"' in text


def test_every_link_within_the_page_has_its_heading() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    assert [link for link in re.findall(r"\]\(#([\w-]+)\)", PAGE) if link not in headings] == []
