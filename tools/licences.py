"""Licences of all packages that ship: `python -m tools.licences` lists them, and fails when one is unknown or not permissive.

The Python packages are those of the services' locks, with the licence of their installed metadata. The npm packages are those of the web
lock that are no development tools. Writes the list to a file when one is named.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import NamedTuple

from devstack.settings import SERVICES

ROOT = Path(__file__).resolve().parent.parent
# SPDX names. Each permits use in closed products, and asks for a notice at most.
PERMISSIVE = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MIT-CMU", "PDDL-1.0", "PSF-2.0", "Unlicense"}
)
# Packages with another licence, and why each may ship.
EXCEPTIONS: Mapping[str, tuple[str, str]] = {
    "certifi": ("MPL-2.0", "a list of certificates, shipped unchanged; the licence covers its own files only"),
}
# What packages write instead of an SPDX name.
SPELLINGS: Mapping[str, str] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
}
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
_CLASSIFIER = re.compile(r"^License :: OSI Approved :: (.+)$")


class Package(NamedTuple):
    """A package that ships. `parts` are the services with it, or `web`; `licence` is empty when the package names none."""

    name: str
    version: str
    licence: str
    parts: tuple[str, ...]


def shipped(root: Path = ROOT) -> list[Package]:
    """All packages that ship, by name."""
    return sorted([*_python_packages(root), *_npm_packages(root)])


def _python_packages(root: Path) -> Iterator[Package]:
    parts: dict[tuple[str, str], list[str]] = {}
    for service in SERVICES:
        for pin in PIN.findall((root / f"deploy/docker/{service}.lock").read_text()):
            parts.setdefault(pin, []).append(service)
    for (name, version), services in parts.items():
        yield Package(name, version, _installed_licence(name, version), tuple(services))


def _installed_licence(name: str, version: str) -> str:
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return ""
    if about["Version"] != version:
        return ""
    classifiers = (_CLASSIFIER.match(text) for text in about.get_all("Classifier", []))
    return licence_named([about["License-Expression"], about["License"], *(found[1] for found in classifiers if found)])


def licence_named(texts: Iterable[str | None]) -> str:
    """The first text that is a name, in SPDX's spelling. Some packages have the whole licence instead."""
    for text in texts:
        if text and len(text.strip().splitlines()) == 1:
            return SPELLINGS.get(text.strip(), text.strip())
    return ""


def _npm_packages(root: Path) -> Iterator[Package]:
    for path, entry in json.loads((root / "web/package-lock.json").read_text())["packages"].items():
        _, _, name = path.rpartition("node_modules/")
        if name != path and not entry.get("link") and not entry.get("dev"):
            yield Package(name, entry["version"], entry.get("license", ""), ("web",))


def is_permissive(licence: str) -> bool:
    """True when an SPDX expression without brackets can be met by permissive licences alone."""
    return any(all(name in PERMISSIVE for name in choice.split(" AND ")) for choice in licence.split(" OR "))


def fault(package: Package) -> str:
    """Why the package may not ship; empty when it may."""
    if is_permissive(package.licence) or EXCEPTIONS.get(package.name, ("", ""))[0] == package.licence != "":
        return ""
    if not package.licence:
        return f"{package.name} {package.version} names no licence, or is not installed in this version"
    return f"{package.name} {package.version} has the licence {package.licence}, which is not in tools/licences.py"


def listing(packages: Sequence[Package]) -> str:
    """One line for each package."""
    return "".join(f"{each.name:42} {each.version:16} {each.licence:30} {', '.join(each.parts)}\n" for each in packages)


def main(arguments: Sequence[str]) -> int:
    packages = shipped()
    text = listing(packages)
    print(text, end="")
    if arguments:
        Path(arguments[0]).write_text(text)
    faults = [found for found in map(fault, packages) if found]
    print(f"{len(packages)} packages ship. {len(faults)} of them may not.")
    print("".join(f"licences: {found}\n" for found in faults), end="", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
