"""The wheel of `palique-contracts`, built and unpacked as an installation has it."""

import subprocess
import sys
import zipfile
from pathlib import Path

from devstack.folders import ROOT


def build(folder: Path) -> Path:
    """Builds the wheel into the folder; needs no network."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT / "contracts",
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def unpacked(folder: Path) -> Path:
    """A folder for PYTHONPATH."""
    installed = folder / "installed"
    with zipfile.ZipFile(build(folder)) as wheel:
        wheel.extractall(installed)
    return installed
