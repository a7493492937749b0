"""The version of Palique, which stands in several files: finds the places, compares them, and writes a new one.

`python -m tools.versions` prints the places that disagree; `python -m tools.versions 0.2.0` writes this version into all of them.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+", re.ASCII)
_NUMBER = r"([0-9]+\.[0-9]+\.[0-9]+)"
# Files, and a pattern whose only group is the version.
PLACES: tuple[tuple[str, str], ...] = (
    ("pyproject.toml", rf'^version = "{_NUMBER}"'),
    ("web/package.json", rf'^\t"version": "{_NUMBER}"'),
    ("web/*/package.json", rf'^\t"version": "{_NUMBER}"'),
    ("web/*/package.json", rf'"@palique/[\w-]+": "{_NUMBER}"'),
    ("web/package-lock.json", rf'"name": "(?:@palique/[\w-]+|palique-web)",\n\t+"version": "{_NUMBER}"'),
    ("web/package-lock.json", rf'"@palique/[\w-]+": "{_NUMBER}"'),
    ("deploy/k8s/overlays/*/kustomization.yaml", rf"newTag: {_NUMBER}"),
    ("deploy/k8s/tasks/*.yaml", rf"/palique/\w+:{_NUMBER}"),
    ("docs/operations.md", rf"newTag: {_NUMBER}"),
    ("docs/operations.md", rf"/palique/\w+:{_NUMBER}"),
)
# The newest heading, which is `Unreleased` between two releases.
HEADING = ("CHANGELOG.md", r"\A.*?^## (\S+)")


class Found(NamedTuple):
    """A version at a place, as `file:line`."""

    place: str
    version: str


def project_version(root: Path = ROOT) -> str:
    """The version of pyproject.toml, which is the true one."""
    return next(_found(root, *PLACES[0])).version


def disagreements(root: Path = ROOT, *, released: bool = False) -> list[str]:
    """A sentence for each place with another version than pyproject.toml. `released`: the changelog must have it too."""
    wanted = project_version(root)
    other = [
        f"{found.place} has {found.version}, but pyproject.toml has {wanted}; run: python -m tools.versions {wanted}"
        for files, pattern in PLACES
        for found in _found(root, files, pattern)
        if found.version != wanted
    ]
    heading = next(_found(root, *HEADING))
    if released and heading.version != wanted:
        other.append(f"{heading.place} has {heading.version} above the changes of this release; write {wanted}")
    return other


def write(version: str, root: Path = ROOT) -> None:
    """Writes the version into all places; a new one also over the heading `Unreleased` of the changelog."""
    is_new = version != project_version(root)
    for files, pattern in (*PLACES, HEADING) if is_new else PLACES:
        for path in sorted(root.glob(files)):
            text = path.read_text()
            for match in reversed(list(_matches(pattern, text))):
                text = text[: match.start(1)] + version + text[match.end(1) :]
            path.write_text(text)


def _found(root: Path, files: str, pattern: str) -> Iterator[Found]:
    for path in sorted(root.glob(files)):
        text = path.read_text()
        for match in _matches(pattern, text):
            line = text.count("\n", 0, match.start(1)) + 1
            yield Found(f"{path.relative_to(root)}:{line}", match[1])


def _matches(pattern: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(pattern, text, re.MULTILINE | (re.DOTALL if pattern == HEADING[1] else 0))


def main(arguments: Sequence[str]) -> int:
    if arguments:
        if not VERSION.fullmatch(arguments[0]):
            sys.exit(f"versions: {arguments[0]!r} is no version; write it like 0.2.0")
        write(arguments[0])
    faults = disagreements()
    print("".join(f"versions: {fault}\n" for fault in faults), end="", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
