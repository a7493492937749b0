"""Open files of a process: its bounds of connections together lie below the system's limit, so that no flood takes the last file."""

import resource
from typing import NamedTuple

from kit.config.loader import BadSetting

# For the operations port, which therefore always answers.
OPS_CONNECTIONS = 64
# For databases, broker, other services, log, and the files that requests read.
RESERVED = 1_000
# More HTTP connections wait for nothing else than the processor.
MAX_HTTP = 16_384
MIN_FILES = 2_048
# An unlimited number of files: more than a process can serve.
UNLIMITED = 1_048_576


class FilePlan(NamedTuple):
    """How many connections of each kind a process may hold."""

    http: int
    sockets: int


def raise_file_limit() -> int:
    """Raises the soft limit of this process to the hard one and returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = UNLIMITED if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def divide_files(limit: int, max_sockets: int | None) -> FilePlan:
    """Divides the files between HTTP connections and websockets. BadSetting when the limit allows too few.

    Without `max_sockets`, websockets may take what HTTP leaves.
    """
    if limit < MIN_FILES:
        raise BadSetting(f"This process may open {limit} files; it needs {MIN_FILES} at least (ulimit -n)")
    free = limit - RESERVED - OPS_CONNECTIONS
    http = min(MAX_HTTP, free * 2 // 5)
    if max_sockets is not None and http + max_sockets > free:
        raise BadSetting(
            f"PALIQUE_MAX_SOCKETS is {max_sockets}, but this process may open {limit} files, of which {free - http} "
            f"are left for websockets; set it lower, or raise the limit (ulimit -n)"
        )
    return FilePlan(http, free - http if max_sockets is None else max_sockets)
