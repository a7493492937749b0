"""Writes the demo data as the release does from which the gateway starts."""

import os

from tests.upgrade.trees import run_from, tree_of

# The newest place first.
MODULES = ("services.gateway.accounts.demo_data", "services.gateway.seed")

if __name__ == "__main__":
    tree = tree_of(os.environ)
    module = next(name for name in MODULES if (tree / f"{name.replace('.', '/')}.py").exists())
    run_from(tree, module, os.environ)
