"""Source trees of two releases, and the file by which each process of a stack learns from which tree it runs.

A process is known by its operations address. Without a choice it runs from the working tree.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devstack.folders import ROOT
from tools.release import RELEASES, releases

# The newest release.
COMMIT = releases(RELEASES.read_text())[0].commit
# Settings that the release refuses as unknown.
NEWER = ("PALIQUE_ADDRESS_", "PALIQUE_PASSWORD_", "PALIQUE_VISITOR_CHATS")
# Below PALIQUE_HOME.
FOLDER = "trees"
ALL_OTHERS = "all-others"


def has_commit(commit: str) -> bool:
    """False in a clone without the whole history, and in a copy of the files."""
    try:
        return (
            subprocess.run(["git", "cat-file", "-e", commit], cwd=ROOT, capture_output=True, check=False).returncode
            == 0
        )
    except OSError:
        return False


def last_release(commit: str, folder: Path) -> Path:
    """The tree of a commit. AssertionError when the clone does not have the commit."""
    assert has_commit(commit), f"this clone has no commit {commit}; fetch the whole history: git fetch --unshallow"
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
    folder.mkdir(exist_ok=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    return folder


def build_web(tree: Path) -> None:
    """Builds the web parts of a tree. Without them, its gateway serves those of the working tree."""
    _link_packages(tree / "web")
    built = subprocess.run(
        ["npm", "run", "--silent", "build"], cwd=tree / "web", capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr


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
    """From the next start on, the process with this operations address runs from `tree`; ALL_OTHERS is a name, too."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(str(tree))


def tree_of(environ: Mapping[str, str]) -> Path:
    """The tree of the process with this environment."""
    folder = Path(environ["PALIQUE_HOME"]) / FOLDER
    chosen = [folder / name for name in (environ["PALIQUE_OPS_ADDRESS"], ALL_OTHERS)]
    return next((Path(file.read_text()) for file in chosen if file.exists()), ROOT)


def run_from(tree: Path, module: str, environ: Mapping[str, str]) -> None:
    """Replaces this process by the module of the tree, which comes before the installed project on the path."""
    env = {**environ, "PYTHONPATH": f"{tree}:{tree / 'protos'}"}
    if "PALIQUE_WEB_DIR" in env and (tree / "web/dashboard/dist").exists():
        env["PALIQUE_WEB_DIR"] = str(tree / "web")
    if tree != ROOT:
        env = {name: value for name, value in env.items() if not name.startswith(NEWER)}
    os.chdir(tree)
    os.execve(sys.executable, [sys.executable, "-m", module], env)  # noqa: S606 - one program, no shell
