"""The configuration file of supervisord, from the stack's programs. Pure."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from devstack.failure import StackError
from devstack.program import Program, Tier

# A program that ends sooner counts as not started: supervisord then waits one second longer at each retry.
START_SECONDS = 1
# supervisord gives up after this many retries; a program that a developer is editing must start again once it is repaired.
START_TRIES = 1_000_000
# Two files of this size for each process: enough for a day of development, and the disk never fills.
LOG_BYTES = "10MB"
LOG_BACKUPS = 1


def supervisord_config(programs: Sequence[Program], *, socket: Path, pidfile: Path, logs: Path, max_files: int) -> str:
    """The whole file. No program starts by itself: the stack starts each. StackError for a value that the format cannot hold."""
    sections = [
        {
            "": "supervisord",
            "nodaemon": "true",
            "silent": "true",
            "logfile": _plain(str(logs / "supervisord.log")),
            "logfile_maxbytes": LOG_BYTES,
            "logfile_backups": str(LOG_BACKUPS),
            "pidfile": _plain(str(pidfile)),
            "childlogdir": _plain(str(logs)),
            "minfds": str(max_files),
        },
        {"": "unix_http_server", "file": _plain(str(socket)), "chmod": "0600"},
        {
            "": "rpcinterface:supervisor",
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
        },
        *(_program(program, logs) for program in programs),
        *(_group(tier, programs) for tier in Tier if any(program.tier is tier for program in programs)),
    ]
    return "\n".join(_section(dict(section)) for section in sections)


def _program(program: Program, logs: Path) -> dict[str, str]:
    return {
        "": f"program:{program.name}",
        "command": _plain(shlex.join(program.argv)),
        "directory": _plain(str(program.directory)),
        "environment": _environment(program.env),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": str(START_SECONDS),
        "startretries": str(START_TRIES),
        "stopsignal": "TERM",
        "stopwaitsecs": str(program.stop_seconds),
        # SIGKILL goes to the children of the program too.
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _plain(str(logs / f"{program.name}.log")),
        "stdout_logfile_maxbytes": LOG_BYTES,
        "stdout_logfile_backups": str(LOG_BACKUPS),
    }


def _group(tier: Tier, programs: Sequence[Program]) -> dict[str, str]:
    return {
        "": f"group:{tier.name.lower()}",
        "programs": ",".join(program.name for program in programs if program.tier is tier),
        "priority": str(tier.value),
    }


def _section(section: dict[str, str]) -> str:
    name = section.pop("")
    return "\n".join([f"[{name}]", *(f"{key}={value}" for key, value in section.items()), ""])


def _environment(env: Mapping[str, str]) -> str:
    for name, value in env.items():
        if re.search(r"[\"'\n]", value):
            raise StackError(f"The value of {name} holds a quote or a line break, which cannot be passed on.")
    return ",".join(f'{name}="{_plain(value)}"' for name, value in env.items())


def _plain(value: str) -> str:
    """Escapes percent signs. StackError for text that the format would read as a comment or a new line."""
    if re.search(r"\s[;#]|\n", value):
        raise StackError(
            f"{value!r} holds a blank before ';' or '#', or a line break; please use another path or value."
        )
    return value.replace("%", "%%")
