"""The wheel `palique-contracts` works where nothing of the servers is installed."""

import json
import re
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path
from typing import Any

import grpc
import pytest

from devstack.folders import ROOT
from kit.codes import Code
from kit.facts import EXCHANGE, FACTS
from tests.support import contracts_wheel

# What an installation of grpcio and protobuf puts into site-packages; typing_extensions is needed by grpcio.
DEPENDENCIES = ("grpc", "typing_extensions.py", "google/protobuf", "google/_upb")
REPORT = """
import importlib, json, sys
from pathlib import Path

for path in sorted(Path(sys.path[0]).rglob("*.py")):
    importlib.import_module(".".join(path.relative_to(sys.path[0]).with_suffix("").parts).removesuffix(".__init__"))
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique_contracts.codes import Code
from palique_contracts.facts import EXCHANGE, FACTS
import grpc

stub = ChatServiceStub(grpc.insecure_channel("127.0.0.1:1"))
fact = FACTS["chat.closed"].message(kind="closed", seq=7)
print(json.dumps({
    "codes": list(Code), "exchange": EXCHANGE, "keys": list(FACTS), "calls": hasattr(stub, "Fetch"),
    "seq": FACTS["chat.closed"].message.FromString(fact.SerializeToString()).seq,
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return contracts_wheel.build(tmp_path_factory.mktemp("wheel"))


def metadata(wheel: Path) -> Any:
    with zipfile.ZipFile(wheel) as content:
        (name,) = (one for one in content.namelist() if one.endswith("/METADATA"))
        return message_from_string(content.read(name).decode())


def dependencies(folder: Path) -> Path:
    """A folder with grpcio and protobuf alone."""
    for name in DEPENDENCIES:
        link = folder / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(Path(grpc.__file__).parent.parent / name)
    return folder


def test_it_imports_and_works_with_grpcio_and_protobuf_alone(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        content.extractall(tmp_path / "installed")
    paths = [str(tmp_path / "installed"), str(dependencies(tmp_path / "dependencies"))]
    # -S: without site-packages; -I: without the current folder and PYTHONPATH.
    script = f"import sys; sys.path[:0] = {paths!r}\n{REPORT}"
    command = [sys.executable, "-S", "-I", "-c", script]
    run = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    modules = found.pop("modules")
    assert found == {"codes": list(Code), "exchange": EXCHANGE, "keys": list(FACTS), "calls": True, "seq": 7}
    assert {"palique", "palique_contracts", "grpc"} <= set(modules)
    assert not {"kit", "services", "commands", "pymongo", "aio_pika", "msgspec"} & set(modules)


def test_its_version_is_that_of_the_servers(wheel: Path) -> None:
    found = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found is not None
    assert metadata(wheel)["Version"] == found[1]


def test_its_dependencies_are_those_that_the_generated_code_demands(wheel: Path) -> None:
    chat = ROOT / "protos/palique/chat/v1"
    protobuf = re.search(r"# Protobuf Python Version: (\S+)", (chat / "chat_pb2.py").read_text())
    stubs = re.search(r"GRPC_GENERATED_VERSION = '(\S+)'", (chat / "chat_pb2_grpc.py").read_text())
    assert protobuf is not None
    assert stubs is not None
    assert metadata(wheel).get_all("Requires-Dist") == [f"grpcio>={stubs[1]}", f"protobuf>={protobuf[1]}"]


def test_it_contains_every_contract_of_the_services(wheel: Path) -> None:
    """The contract between gateways stays inside."""
    expected = {
        str(path.relative_to(ROOT / "protos"))
        for path in (ROOT / "protos").rglob("*.*")
        if path.suffix in (".proto", ".py", ".pyi") and "gateway" not in path.parts
    }
    assert len(expected) > 15
    with zipfile.ZipFile(wheel) as content:
        assert expected <= set(content.namelist())
        assert not [name for name in content.namelist() if "gateway" in name]
