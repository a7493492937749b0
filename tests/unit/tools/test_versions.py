"""All places have one version, a new version reaches all of them, and the list of releases names commits."""

import shutil
import subprocess
from pathlib import Path

from tools.release import RELEASES, Release, faults, published, releases, section
from tools.versions import HEADING, PLACES, ROOT, disagreements, project_version, write


def copied(folder: Path) -> Path:
    """The files that have the version."""
    for files, _ in (*PLACES, HEADING):
        for path in ROOT.glob(files):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return folder


def test_all_places_have_the_version_of_the_project() -> None:
    assert disagreements() == []
    for files, _ in PLACES:
        assert list(ROOT.glob(files)), f"no file is called {files}"


def test_a_new_version_reaches_every_place(tmp_path: Path) -> None:
    root = copied(tmp_path)
    write("10.20.30", root)
    assert project_version(root) == "10.20.30"
    assert disagreements(root, released=True) == []
    changed = [path for path in root.rglob("*.*") if path.is_file() and "10.20.30" in path.read_text()]
    assert len(changed) >= 8, changed


def test_a_place_with_another_version_is_named_with_its_line(tmp_path: Path) -> None:
    root = copied(tmp_path)
    write("10.20.30", root)
    package = root / "web/ui/package.json"
    package.write_text(package.read_text().replace('"version": "10.20.30"', '"version": "1.0.0"'))
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n* x\n\n## 10.20.30\n")
    package_fault, heading_fault = disagreements(root, released=True)
    assert package_fault.startswith("web/ui/package.json:3 has 1.0.0, but pyproject.toml has 10.20.30; run: ")
    assert heading_fault == "CHANGELOG.md:3 has Unreleased above the changes of this release; write 10.20.30"


def test_a_version_is_released_once_and_from_committed_files() -> None:
    listed = [Release("0.1.0", "2026-11-23", "d" * 40)]
    assert faults("0.2.0", listed, "e" * 40, "") == []
    assert faults("0.1.0", listed, "d" * 40, "") == []
    assert "raise the version" in faults("0.1.0", listed, "e" * 40, "")[0]
    assert "M kit/ids.py" in faults("0.2.0", listed, "e" * 40, " M kit/ids.py")[0]


def test_the_section_of_the_changelog_is_the_newest() -> None:
    assert section("# Changelog\n\n## 0.2.0\n\n### Added\n\n* x\n\n## 0.1.0\n\ny\n") == "## 0.2.0\n\n### Added\n\n* x\n"


def test_the_list_names_commits_of_this_history() -> None:
    listed = releases(RELEASES.read_text())
    assert listed[-1] == Release("0.1.0", "2026-11-23", "d7122e46b631d2d0d050d49710e211b1de2be97e")
    assert listed == sorted(listed, key=lambda release: release.date, reverse=True)
    shallow = subprocess.run(
        ["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if shallow.stdout.strip() == "false":
        for release in listed:
            subprocess.run(["git", "cat-file", "-e", f"{release.commit}^{{commit}}"], cwd=ROOT, check=True)


def test_packages_for_others_are_released() -> None:
    found = published(ROOT / "web")
    assert "@palique/contracts" in found
    assert "@palique/dashboard" not in found
