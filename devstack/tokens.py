"""The secrets by which the stack's processes know each other: made once per PALIQUE_HOME, readable by its owner only."""

import json
import secrets
from pathlib import Path

from devstack.folders import read_table, write_whole

# As every credential of the product.
TOKEN_BYTES = 32


def stack_tokens(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """One token per name, the same ones at the next start."""
    table = read_table(path)
    for name in names:
        table.setdefault(name, secrets.token_urlsafe(TOKEN_BYTES))
    write_whole(path, json.dumps(table, indent=1), mode=0o600)
    return table
