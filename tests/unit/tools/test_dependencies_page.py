"""docs/dependencies.md lists exactly the direct dependencies that ship, with their licences."""

import json
import re
import tomllib

import pytest

from devstack.folders import ROOT
from tools.licences import shipped

ROW = re.compile(r"^\| `([^`]+)` \| [^|]+ \| [^|]+ \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


def described(heading: str) -> dict[str, str]:
    """The licence of each package below the heading."""
    page = (ROOT / "docs/dependencies.md").read_text()
    rows = ROW.findall(page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0])
    found = dict(rows)
    assert len(found) == len(rows), "a package is listed twice"
    return found


def python_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = (wanted for extra, wanted in project["optional-dependencies"].items() if extra != "dev")
    return {
        re.split(r"[^a-z0-9-]", wanted, maxsplit=1)[0] for some in (project["dependencies"], *extras) for wanted in some
    }


def web_dependencies() -> set[str]:
    packages = [ROOT / "web/package.json", *(ROOT / "web").glob("*/package.json")]
    found = {name for path in packages for name in json.loads(path.read_text()).get("dependencies", {})}
    return {name for name in found if not name.startswith("@palique/")}


@pytest.mark.parametrize(("heading", "wanted"), [("Python", python_dependencies()), ("Browser", web_dependencies())])
def test_the_page_lists_the_direct_dependencies_with_their_licences(heading: str, wanted: set[str]) -> None:
    page = described(heading)
    assert set(page) == wanted
    licences = {package.name: package.licence for package in shipped()}
    assert page == {name: licences[name] for name in page}
    assert list(page) == sorted(page)
