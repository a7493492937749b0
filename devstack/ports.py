"""Free loopback ports, remembered so that a second start finds its data and its clients under the same addresses."""

import json
import random
import socket
from pathlib import Path

from devstack.folders import read_table, write_whole

# Below 32768, where Linux begins to hand out ports to clients: one of those could sit on a port that a
# restarted program needs. Above 20000, out of the way of what people commonly run.
FIRST, LAST = 20000, 32767

# Each try is a coin that nearly always lands well; this many failures mean that loopback itself is broken.
TRIES = 200


def is_free(port: int) -> bool:
    """Whether a program could listen on 127.0.0.1 and this port now (a lingering old connection does not matter)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Ports:
    """One port per name, the one of the last start where it is still free."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._remembered = {name: int(port) for name, port in read_table(path).items() if port.isdigit()}
        self._given: dict[str, int] = {}

    def port(self, name: str) -> int:
        """The same number for the same name as long as this object lives."""
        if name not in self._given:
            remembered = self._remembered.get(name)
            usable = remembered is not None and remembered not in self._given.values() and is_free(remembered)
            self._given[name] = remembered if usable and remembered is not None else self._choose()
            self._remembered[name] = self._given[name]
            write_whole(self._path, json.dumps(self._remembered, indent=1))
        return self._given[name]

    def _choose(self) -> int:
        taken = {*self._given.values(), *self._remembered.values()}
        for _ in range(TRIES):
            port = random.randint(FIRST, LAST)  # noqa: S311 - spreads stacks out, guards nothing
            if port not in taken and is_free(port):
                return port
        raise OSError(f"no free port on 127.0.0.1 from {FIRST} to {LAST}")
