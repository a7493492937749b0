"""Builds a release into build/release: `make release`. With `--draft` it builds a state that is no release yet.

Wheels, npm packages, bills of materials, licences, audit, section of the changelog, check sums, and the images where a container engine answers.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from devstack.engine.find import answering
from devstack.settings import SERVICES
from tools import audit, licences
from tools.versions import ROOT, disagreements, project_version

OUT = ROOT / "build/release"
RELEASES = ROOT / "docs/releases.md"
# | 0.1.0 | 2026-11-23 | `commit` | notes |
_ROW = re.compile(r"^\| ([0-9.]+) \| ([0-9-]{10}) \| `([0-9a-f]{40})` \|", re.MULTILINE)
BASE_NAME = '{{index .Config.Labels "org.opencontainers.image.base.name"}}'
STAND_IN = "palique-standin"


class Release(NamedTuple):
    """A row of docs/releases.md."""

    version: str
    date: str
    commit: str


def releases(page: str) -> list[Release]:
    """The rows of the page, newest first."""
    return [Release(*row) for row in _ROW.findall(page)]


def faults(version: str, listed: Sequence[Release], commit: str, changed: str) -> list[str]:
    """Why this state is no release of the version, besides versions that disagree. `changed`: the files that are not committed."""
    found = [
        f"{version} was released at {release.commit[:7]}; raise the version: python -m tools.versions NEW"
        for release in listed
        if release.version == version and release.commit != commit
    ]
    return [*found, f"commit or remove these files:\n{changed}"] if changed else found


def section(changelog: str) -> str:
    """The newest section of the changelog, with its heading."""
    return "## " + re.split(r"^## ", changelog, flags=re.MULTILINE)[1].strip() + "\n"


def published(web: Path) -> list[str]:
    """The names of the web packages for others: those that name their files."""
    packages = (json.loads(path.read_text()) for path in sorted(web.glob("*/package.json")))
    return [package["name"] for package in packages if "files" in package]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draft", action="store_true", help="build a state that is no release yet")
    parser.add_argument("--without-advisories", action="store_true", help="see tools/audit.py")
    options = parser.parse_args(arguments)
    draft = options.draft
    version, commit = project_version(), _git("rev-parse", "HEAD")
    found = disagreements(released=not draft)
    if not draft:
        found += faults(version, releases(RELEASES.read_text()), commit, _git("status", "--porcelain"))
    if found:
        sys.exit("".join(f"release: {fault}\n" for fault in found))
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    if not draft:
        _audit(without_advisories=options.without_advisories)
    _build(version)
    if not draft:
        print(f"Add the row to docs/releases.md:\n| {version} | {_git('log', '-1', '--format=%cs')} | `{commit}` | |")


def _audit(*, without_advisories: bool) -> None:
    options = ["--without-advisories"] if without_advisories else []
    if audit.main([*options, str(OUT / "audit.txt")]):
        sys.exit("release: the audit found faults, see above")


def _build(version: str) -> None:
    _run("tools/breaking.sh")
    if licences.main([str(OUT / "licences.txt")]):
        sys.exit("release: a licence does not permit it, see above")
    # A fixed time stamp, so that one commit always gives the same wheel.
    stamp = {"SOURCE_DATE_EPOCH": _git("log", "-1", "--format=%ct")}
    for project in (ROOT, ROOT / "contracts"):
        _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(OUT), folder=project, **stamp)
    packed = [option for name in published(ROOT / "web") for option in ("--workspace", name)]
    _run("npm", "pack", "--silent", *packed, "--pack-destination", str(OUT), folder=ROOT / "web")
    _run("tools/sbom.sh", str(OUT))
    (OUT / "CHANGELOG.md").write_text(section((ROOT / "CHANGELOG.md").read_text()))
    _images(version)
    _write_sums()


def _images(version: str) -> None:
    """Saves the images where an engine answers. Images on a stand-in serve tests, so they are built and not kept."""
    engine = answering()
    if engine is None:
        print(
            "release: no container engine answers, so it has no images; start one, or run: make images TAG=" + version
        )
        return
    _run(sys.executable, "-m", "devstack.engine", "--image", "python", "deploy/docker/images.sh", TAG=version)
    for service in SERVICES:
        image = f"localhost/palique-{service}:{version}"
        base = _output(engine, "image", "inspect", "--format", BASE_NAME, image)
        if STAND_IN in base:
            print(f"release: the images have the stand-in {base}, so none is kept; build where a registry answers")
            return
        _run(engine, "save", "--output", str(OUT / f"palique-{service}-{version}.tar"), image)


def _write_sums() -> None:
    """SHA256SUMS, as `sha256sum --check` reads it."""
    lines = []
    for path in sorted(OUT.iterdir()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    (OUT / "SHA256SUMS").write_text("".join(lines))
    print(f"release: {len(lines)} files in {OUT.relative_to(ROOT)}\n{''.join(lines)}", end="")


def _run(*command: str, folder: Path = ROOT, **environment: str) -> None:
    done = subprocess.run(command, cwd=folder, check=False, env={**os.environ, **environment})
    if done.returncode:
        sys.exit(f"release: `{' '.join(command)}` failed, see above")


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def _git(*arguments: str) -> str:
    return _output("git", *arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
