"""Stand-ins for public images, where no registry answers: Debian with Python, MongoDB, RabbitMQ and Caddy in other versions.

They serve tests and have names of their own, so that they never pass for the public images. Never push them, or images based on them.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from devstack import apt, containers, mongodb
from devstack.failure import StackError
from devstack.folders import ROOT

REGISTRY = "docker.io/library/"
PUBLIC = {
    "python": "python:3.11-slim",
    "mongodb": containers.MONGODB_IMAGE,
    "rabbitmq": containers.RABBITMQ_IMAGE,
    "caddy": "caddy:2.10.2",
}
SOURCE = Path(__file__).with_name("standins.Dockerfile")
FOLDER = ROOT / "build" / "standins"
# The release of Debian with Python 3.11.
RELEASE = "bookworm"


def setting(name: str) -> str:
    """The variable that selects another image."""
    return f"{name.upper()}_IMAGE"


def obtain(engine: str, name: str) -> str:
    """The selected image; else the public one, where the engine has it or can pull it; else the stand-in, built once."""
    if selected := os.environ.get(setting(name)):
        return selected
    public = f"{REGISTRY}{PUBLIC[name]}"
    if _has(engine, public) or not _run(engine, "pull", "--quiet", public).returncode:
        return public
    standin = f"localhost/palique-standin-{name}:{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]}"
    if not _has(engine, standin):
        _build(engine, name, standin)
    print(f"No registry gives {public}. {standin} stands in for it: for tests only, never push it.", flush=True)
    return standin


def _build(engine: str, name: str, standin: str) -> None:
    print(f"building {standin}, some minutes the first time …", flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (FOLDER / "debian.tar").exists():
        _debian(FOLDER / "debian.tar")
    if name == "mongodb":
        shutil.copy(mongodb.mongod_path(), FOLDER / "mongod")
    done = _run(engine, "build", "--network", "host", "--target", name, "-t", standin, "-f", str(SOURCE), str(FOLDER))
    if done.returncode != 0:
        raise StackError(f"{standin} could not be built:\n{done.stdout}{done.stderr}")


def _debian(archive: Path) -> None:
    """Writes a minimal Debian, from the mirror that apt uses here."""
    if shutil.which("debootstrap") is None:
        apt.install(["debootstrap"])
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {RELEASE}"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    tree, unfinished = archive.with_name("debian"), archive.with_name("debian.unfinished")
    steps = (
        ["rm", "-rf", str(tree)],
        ["debootstrap", "--variant=minbase", RELEASE, str(tree), *listed.stdout.split()[:1]],
        ["tar", "-C", str(tree), "--numeric-owner", "-cf", str(unfinished), "."],
        ["rm", "-rf", str(tree)],
    )
    for step in steps:
        done = apt.as_root(step)
        if done.returncode != 0:
            raise StackError(f"`{' '.join(step)}` failed:\n{done.stdout[-2000:]}{done.stderr}")
    unfinished.rename(archive)


def _has(engine: str, image: str) -> bool:
    return _run(engine, "image", "inspect", image).returncode == 0


def _run(engine: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([engine, *arguments], check=False, capture_output=True, text=True)
