"""The gRPC tokens of the stack's processes: generated once per PALIQUE_HOME, readable by the owner only."""

import json
import secrets
from pathlib import Path

from devstack.folders import read_table, write_whole

# The length of every credential of the product.
TOKEN_BYTES = 32


def stack_tokens(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """One token per name, the same at every start."""
    table = read_table(path)
    for name in names:
        table.setdefault(name, secrets.token_urlsafe(TOKEN_BYTES))
    write_whole(path, json.dumps(table, indent=1), mode=0o600)
    return table
