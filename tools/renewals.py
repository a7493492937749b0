"""Which locked packages could have been renewed by a day. Uses the dates of publication that package registries give."""

import json
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from devstack.settings import SERVICES
from tools.licences import PIN

PER_CALL_S = 300


class Unavailable(Exception):
    """A registry or its client gave no answer that can be used; the text says which and why."""


class Renewal(NamedTuple):
    """A locked package, and a later version that could have been locked instead."""

    name: str
    locked: str
    available: str


def renewals(locked: Mapping[str, str], available: Mapping[str, str]) -> list[Renewal]:
    """The packages of which a later version is available, by name."""
    return [
        Renewal(name, version, available[name])
        for name, version in sorted(locked.items())
        if name in available and Version(version) < Version(available[name])
    ]


def locked_python(root: Path) -> dict[str, str]:
    """The packages of requirements.lock, development tools too."""
    return dict(PIN.findall((root / "requirements.lock").read_text()))


def shipped_python(root: Path) -> set[str]:
    """The names of the packages in the images."""
    return {
        name for service in SERVICES for name, _ in PIN.findall((root / f"deploy/docker/{service}.lock").read_text())
    }


def available_python(root: Path, day: date) -> dict[str, str]:
    """What `make lock` could have written at the end of the day, without lower bounds, which may be later."""
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wanted:
        wanted.write("\n".join(unbounded(_project_requirements(root))))
        wanted.flush()
        until = ("--exclude-newer", day.isoformat())
        text = _answer(
            "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", *until, wanted.name
        )
    return dict(PIN.findall(text))


def unbounded(requirements: Iterable[str]) -> Iterator[str]:
    """The requirements without their lower bounds; what holds a package back stays."""
    for text in requirements:
        requirement = Requirement(text)
        kept = (str(part) for part in requirement.specifier if part.operator != ">=")
        requirement.specifier = SpecifierSet(",".join(kept))
        yield str(requirement)


def _project_requirements(root: Path) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"], *(each for some in project["optional-dependencies"].values() for each in some)]


def locked_npm(root: Path) -> dict[str, str]:
    """The packages of the web lock, development tools too; the oldest version where there are several."""
    return oldest(json.loads((root / "web/package-lock.json").read_text()))


def shipped_npm(root: Path) -> set[str]:
    """The names of the packages that web parts and images contain."""
    packages = json.loads((root / "web/package-lock.json").read_text())["packages"]
    return {name for name, entry in _entries(packages) if not entry.get("dev")}


def oldest(lock: Mapping[str, Mapping[str, Mapping[str, object]]]) -> dict[str, str]:
    """The oldest version of each package of an npm lock."""
    found: dict[str, str] = {}
    for name, entry in _entries(lock["packages"]):
        version = str(entry["version"])
        if name not in found or Version(version) < Version(found[name]):
            found[name] = version
    return found


def _entries(packages: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for path, entry in packages.items():
        _, _, name = path.rpartition("node_modules/")
        if name != path and not entry.get("link"):
            yield name, entry


def available_npm(root: Path) -> dict[str, str]:
    """What npm would lock now if package.json named no versions."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = dict.fromkeys(_web_dependencies(root), "*")
        Path(folder, "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}))
        _answer("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", folder=folder)
        return oldest(json.loads(Path(folder, "package-lock.json").read_text()))


def _web_dependencies(root: Path) -> set[str]:
    paths = [root / "web/package.json", *(root / "web").glob("*/package.json")]
    packages = [json.loads(path.read_text()) for path in paths]
    names = {name for each in packages for kind in ("dependencies", "devDependencies") for name in each.get(kind, {})}
    return names - {each["name"] for each in packages}


def published_by(day: date, renewal: Renewal, times: Mapping[str, str]) -> Renewal | None:
    """The renewal to the last version that was published by the day; None when there was none. `times` as npm gives them."""
    first, last = Version(renewal.locked), Version(renewal.available)
    known = (
        (_release(text), text) for text, at in times.items() if datetime.fromisoformat(at).astimezone(UTC).date() <= day
    )
    found = [(version, text) for version, text in known if version is not None and first < version <= last]
    return renewal._replace(available=max(found)[1]) if found else None


def _release(text: str) -> Version | None:
    """The version; None for a preview, and for the other entries of npm's times."""
    try:
        version = Version(text)
    except InvalidVersion:
        return None
    return None if version.is_prerelease else version


def npm_times(name: str) -> dict[str, str]:
    """When each version of an npm package was published."""
    times = json.loads(_answer("npm", "view", name, "time", "--json"))
    if not isinstance(times, dict):
        raise Unavailable(f"npm gives no dates of publication of {name}")
    return times


def _answer(*command: str, folder: str | None = None) -> str:
    done = answer(*command, folder=folder)
    if done.returncode:
        raise Unavailable(f"`{' '.join(command[:3])}` failed: {last_line(done.stderr)}")
    return done.stdout


def answer(*command: str, folder: str | Path | None = None) -> subprocess.CompletedProcess[str]:
    """What the client of a registry printed, within a time limit."""
    try:
        return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=PER_CALL_S)
    except (subprocess.TimeoutExpired, OSError) as error:
        raise Unavailable(f"`{command[0]}` gave no answer: {error}") from error


def last_line(text: str) -> str:
    """The last line with a letter; npm and uv say there what went wrong."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no reason given")


def python_renewals(root: Path, day: date) -> list[Renewal]:
    """The packages of requirements.lock that could have been renewed by the day."""
    return renewals(locked_python(root), available_python(root, day))


def npm_renewals(root: Path, days: Sequence[date]) -> dict[date, list[Renewal]]:
    """The packages of the web lock that could have been renewed by each of the days."""
    now = renewals(locked_npm(root), available_npm(root))
    times = {each.name: npm_times(each.name) for each in now}
    return {day: [found for each in now if (found := published_by(day, each, times[each.name]))] for day in days}
