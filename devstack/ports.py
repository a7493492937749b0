"""Free loopback ports, remembered so that a second start uses the same addresses for its data and clients.

Between the choice of a port and the start of its program no program listens there. A chosen port is therefore claimed with
a file lock, and stacks that start at the same time never choose the same port.
"""

import fcntl
import getpass
import json
import os
import random
import socket
import tempfile
import weakref
from pathlib import Path

from devstack.folders import read_table, write_whole

# Below 32768, where Linux begins to assign ports to clients: a client could hold a port that a
# restarted program needs. Above 20000, to avoid the ports of common programs.
FIRST, LAST = 20000, 32767

# Nearly every random port is free; this many failures mean that loopback itself is broken.
TRIES = 200


def is_free(port: int) -> bool:
    """True when a program could listen on 127.0.0.1 and this port now (an old connection in TIME_WAIT does not matter)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Ports:
    """One port per name: that of the last start when it is still free. The claims last as long as this object."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._remembered = {name: int(port) for name, port in read_table(path).items() if port.isdigit()}
        self._given: dict[str, int] = {}

    def port(self, name: str) -> int:
        """The port of this name, the same for every call."""
        if name not in self._given:
            remembered = self._remembered.get(name)
            usable = remembered is not None and remembered not in self._given.values() and self._take(remembered)
            self._given[name] = remembered if usable and remembered is not None else self._choose()
            self._remembered[name] = self._given[name]
            write_whole(self._path, json.dumps(self._remembered, indent=1))
        return self._given[name]

    def _choose(self) -> int:
        taken = {*self._given.values(), *self._remembered.values()}
        for _ in range(TRIES):
            port = random.randint(FIRST, LAST)  # noqa: S311 - not for security
            if port not in taken and self._take(port):
                return port
        raise OSError(f"no free port on 127.0.0.1 from {FIRST} to {LAST}")

    def _take(self, port: int) -> bool:
        """Claims the port; True when it was free. Ports objects of the same table file share their claims."""
        if not is_free(port):
            return False
        folder = Path(tempfile.gettempdir()) / f"palique-ports-{getpass.getuser()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = str(self._path.resolve()).encode()
        claim = os.open(folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # The system releases the lock when the process ends, and started programs do not inherit it.
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            ours = os.read(claim, len(owner) + 1) == owner
            os.close(claim)
            return ours
        os.truncate(claim, 0)
        os.write(claim, owner)
        weakref.finalize(self, os.close, claim)
        return True


class RememberedPorts(Ports):
    """The ports that another process chose and uses. KeyError for a name without one."""

    def port(self, name: str) -> int:
        return self._remembered[name]
