"""The images hold what was tested: each service's lock is a part of the one lock, hashes and all (`make lock` writes them together)."""

import re

import pytest

from devstack.folders import ROOT
from devstack.settings import SERVICES

# A pin, and the hashes on the lines after it.
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*==\S+)(?: ;[^\\\n]*)? \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def pins(text: str) -> dict[str, frozenset[str]]:
    return {name: frozenset(re.findall(r"sha256:\w+", hashes)) for name, hashes in PIN.findall(text)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_lock_is_a_part_of_the_one_lock(service: str) -> None:
    tested = pins((ROOT / "requirements.lock").read_text())
    shipped = pins((ROOT / f"deploy/docker/{service}.lock").read_text())
    assert len(shipped) > 15
    assert {name: tested.get(name) for name in shipped} == shipped
