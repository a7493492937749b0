"""Known vulnerabilities and overdue renewals of the locked packages: `make audit`. Fails on each, and where no advisories can be had.

The time frames and the exceptions stand in docs/dependencies.md. With `--without-advisories` it goes on without them. What ships must
then be as new as a package with a critical vulnerability would have to be. Writes its report to a file when one is named.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tools.renewals import (
    Renewal,
    Unavailable,
    answer,
    last_line,
    npm_renewals,
    python_renewals,
    shipped_npm,
    shipped_python,
)

ROOT = Path(__file__).resolve().parent.parent
PIP_AUDIT = "build/audit-tools/bin/pip-audit"
CRITICAL_DAYS = 7
RENEWAL_DAYS = 90
# | `GHSA-…` or `package` | 2026-12-31 | why |
_EXCEPTION = re.compile(r"^\| `([^`]+)` \| (\d{4}-\d\d-\d\d) \| [^|]+ \|$", re.MULTILINE)
GO_ON = "to go on without advisories, with WITHOUT_ADVISORIES=1, everything that ships must be renewed"


class Finding(NamedTuple):
    """A known vulnerability of a locked package. `ids` has all its names."""

    package: str
    ids: tuple[str, ...]
    summary: str


class Advisories(NamedTuple):
    """What the registries know. `missing` has a sentence for each part without an answer."""

    found: list[Finding]
    missing: list[str]


def npm_advisories(text: str) -> list[Finding]:
    """The findings of `npm audit --json`; raises Unavailable when the registry gave none."""
    report = _object(text, "npm audit")
    if "vulnerabilities" not in report:
        raise Unavailable(f"npm audit got no advisories: {report.get('message', 'no reason given')}")
    return [
        Finding(via["name"], (via["url"].rpartition("/")[2],), f"{via['severity']}: {via['title']}")
        for package in report["vulnerabilities"].values()
        for via in package["via"]
        # A plain name points to the package with the vulnerability, which has an entry of its own.
        if not isinstance(via, str)
    ]


def pip_advisories(text: str) -> list[Finding]:
    """The findings of `pip-audit --format json`; raises Unavailable when it skipped a package, which it does not count as a fault."""
    packages = _object(text, "pip-audit").get("dependencies", [])
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped or not packages:
        raise Unavailable(f"pip-audit got no advisories for {len(skipped)} of {len(packages)} packages {skipped[:3]}")
    return [
        Finding(package["name"], (vulnerability["id"], *vulnerability.get("aliases", ())), _mended_in(vulnerability))
        for package in packages
        for vulnerability in package["vulns"]
    ]


def _mended_in(vulnerability: dict[str, list[str]]) -> str:
    versions = vulnerability.get("fix_versions")
    return f"mended in {', '.join(versions)}" if versions else "mended in no version yet"


def _object(text: str, tool: str) -> dict[str, Any]:
    try:
        report = json.loads(text)
    except ValueError as error:
        raise Unavailable(f"{tool} got no advisories: {last_line(text)}") from error
    return report if isinstance(report, dict) else {}


def advisories(root: Path = ROOT) -> Advisories:
    """What both registries know of the locked packages."""
    found: list[Finding] = []
    missing: list[str] = []
    for ask in (_ask_npm, _ask_pip):
        try:
            found += ask(root)
        except Unavailable as error:
            missing.append(str(error))
    return Advisories(found, missing)


def _ask_npm(root: Path) -> list[Finding]:
    return npm_advisories(answer("npm", "audit", "--package-lock-only", "--json", folder=root / "web").stdout)


def _ask_pip(root: Path) -> list[Finding]:
    installed = answer("tools/environment.sh", "tools/audit.lock", "build/audit-tools", folder=root)
    if installed.returncode:
        raise Unavailable(f"pip-audit could not be installed: {last_line(installed.stderr)}")
    options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    done = answer(PIP_AUDIT, "--requirement", "requirements.lock", *options, folder=root)
    return pip_advisories(done.stdout or done.stderr)


def exceptions(page: str, today: date) -> set[str]:
    """The advisories and packages that docs/dependencies.md accepts for now."""
    return {name for name, until in _EXCEPTION.findall(page) if date.fromisoformat(until) >= today}


def overdue(root: Path, today: date, *, without_advisories: bool) -> list[tuple[int, Renewal]]:
    """The packages that are older than their time frame allows, with its days."""
    strict, lax = today - timedelta(CRITICAL_DAYS), today - timedelta(RENEWAL_DAYS)
    npm = npm_renewals(root, [strict, lax])
    found = [(RENEWAL_DAYS, each) for each in [*python_renewals(root, lax), *npm[lax]]]
    if without_advisories:
        python = [each for each in python_renewals(root, strict) if each.name in shipped_python(root)]
        npm_shipped = [each for each in npm[strict] if each.name in shipped_npm(root)]
        found += [(CRITICAL_DAYS, each) for each in [*python, *npm_shipped]]
    return found


def faults(
    known: Advisories, late: Iterable[tuple[int, Renewal]], accepted: set[str], *, without_advisories: bool
) -> list[str]:
    """Why the locked packages may not be released."""
    found = [
        f"{each.package} has {each.ids[0]}, {each.summary}; renew it"
        for each in known.found
        if not accepted & {each.package, *each.ids}
    ]
    if known.missing and not without_advisories:
        found += [*known.missing, GO_ON]
    return found + [
        f"{each.name} {each.locked} could be {each.available} since more than {days} days; renew it"
        for days, each in late
        if each.name not in accepted
    ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--without-advisories", action="store_true", help="go on where the registries give none")
    parser.add_argument("report", nargs="?", type=Path, help="the file for the report")
    options = parser.parse_args(arguments)
    today = datetime.now(UTC).date()
    known = advisories()
    accepted = exceptions((ROOT / "docs/dependencies.md").read_text(), today)
    without = options.without_advisories and bool(known.missing)
    try:
        late = overdue(ROOT, today, without_advisories=without)
    except Unavailable as error:
        sys.exit(f"audit: it is not known which packages are overdue: {error}")
    found = faults(known, late, accepted, without_advisories=without)
    print("".join(f"audit: {fault}\n" for fault in found), end="", file=sys.stderr)
    text = report(today, known, accepted, found)
    print(text, end="")
    if options.report:
        options.report.write_text(text)
    return 1 if found else 0


def report(today: date, known: Advisories, accepted: set[str], found: Sequence[str]) -> str:
    """The result in some lines, for the release."""
    source = "without advisories of " + "; ".join(known.missing) if known.missing else "with advisories of all packages"
    excepted = f", accepted: {', '.join(sorted(accepted))}" if accepted else ""
    return f"Audit of {today.isoformat()}, {source}{excepted}: {len(found)} faults.\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
