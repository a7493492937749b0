"""The patches of mutants apply to the product. `make faults-mutants` checks that the bench finds them."""

import subprocess

import pytest

from devstack.folders import ROOT
from tests.faults.cells import CELLS
from tests.faults.mutated import MUTANTS, MUTATIONS, Mutant, patch_of


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.change)
def test_a_change_fits(mutant: Mutant) -> None:
    """A patch that no longer applies changes nothing, and would be noticed only in the long run."""
    tried = subprocess.run(
        ["git", "apply", "--check", str(patch_of(mutant.change))], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert tried.returncode == 0, tried.stderr
    assert mutant.cell in CELLS


def test_each_change_has_its_cell() -> None:
    """None lies there untried."""
    assert {path.stem for path in MUTATIONS.glob("*.patch")} == {mutant.change for mutant in MUTANTS}
