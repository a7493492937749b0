"""Source trees of two releases, and the file by which each process of a stack learns from which tree it runs.

A process is known by its operations address. A process without a file of its own runs from the tree of the last release.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from devstack.folders import ROOT

# Settings that the last release refuses as unknown.
NEWER = ("PALIQUE_ADDRESS_", "PALIQUE_VISITOR_CHATS")
# Below PALIQUE_HOME.
FOLDER = "trees"
LAST_RELEASE = "last-release"


def last_release(commit: str, folder: Path) -> Path:
    """The tree of a commit with its built web parts. AssertionError when the clone does not have the commit."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    assert archive.returncode == 0, f"this clone has no commit {commit}; fetch the whole history: git fetch --unshallow"
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(folder, filter="data")
    _link_packages(folder / "web")
    built = subprocess.run(
        ["npm", "run", "--silent", "build"], cwd=folder / "web", capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def _link_packages(web: Path) -> None:
    """Uses the installed packages; the packages of the project itself are those of the tree."""
    modules = web / "node_modules"
    modules.mkdir()
    for package in (ROOT / "web/node_modules").iterdir():
        if package.name == "@palique":
            # Relative links to the folders of the workspace.
            shutil.copytree(package, modules / package.name, symlinks=True)
        else:
            (modules / package.name).symlink_to(package)


def choose(home: Path, name: str, tree: Path) -> None:
    """From the next start on, the process with this operations address runs from `tree`; LAST_RELEASE means all others."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(str(tree))


def tree_of(environ: Mapping[str, str]) -> Path:
    """The tree of the process with this environment."""
    folder = Path(environ["PALIQUE_HOME"]) / FOLDER
    own = folder / environ["PALIQUE_OPS_ADDRESS"]
    return Path((own if own.exists() else folder / LAST_RELEASE).read_text())


def run_from(tree: Path, module: str, environ: Mapping[str, str]) -> None:
    """Replaces this process by the module of the tree, which comes before the installed project on the path."""
    env = {**environ, "PYTHONPATH": f"{tree}:{tree / 'protos'}"}
    if "PALIQUE_WEB_DIR" in env:
        env["PALIQUE_WEB_DIR"] = str(tree / "web")
    if tree != ROOT:
        env = {name: value for name, value in env.items() if not name.startswith(NEWER)}
    os.chdir(tree)
    os.execve(sys.executable, [sys.executable, "-m", module], env)  # noqa: S606 - one program, no shell
