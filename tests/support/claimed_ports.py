"""Free ports for servers that start within the test's process."""

from collections import deque
from pathlib import Path

from devstack.ports import Ports

# A claim ends with its `Ports`. Servers bind their ports within seconds of the choice; the newest claims are kept that long,
# so that no other process of the run chooses the same port. Each claim is an open file.
_KEPT: deque[Ports] = deque(maxlen=50)


def claimed_ports(path: Path) -> Ports:
    """Ports whose claims outlast the caller's reference."""
    _KEPT.append(Ports(path))
    return _KEPT[-1]
