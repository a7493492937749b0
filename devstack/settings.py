"""The settings of a development stack, from the environment. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.failure import StackError

SERVICES = ("presence", "chat", "tickets", "gateway")

# Read here or by the tests. The services inherit them and must not report them as unknown settings.
OWN_NAMES = (
    "PALIQUE_BROWSER_URL",
    "PALIQUE_DEMO",
    "PALIQUE_HOME",
    "PALIQUE_MONGODB_MEMBERS",
    "PALIQUE_PORT",
    "PALIQUE_REPLICAS",
)

# Each process takes about 80 MB and a share of the cores; a larger number is probably a typing error.
MAX_REPLICAS = 9

# PALIQUE_STACK_ENV_CHAT_2_PALIQUE_MONGODB_URL=… changes one variable of one process.
_OVERRIDE = re.compile(r"PALIQUE_STACK_ENV_([A-Z]+)_([1-9])_([A-Z][A-Z0-9_]*)")


@dataclass(frozen=True)
class StackSettings:
    """`home` is absolute. `demo`: with the demo site. `overrides` replaces variables of one process, keyed by (service, number from 1)."""

    home: Path
    port: int
    replicas: Mapping[str, int]
    mongodb_url: str | None = None
    mongodb_members: int = 1
    amqp_url: str | None = None
    mongodb_prefix: str = "palique"
    demo: bool = True
    overrides: Mapping[tuple[str, int], Mapping[str, str]] = field(default_factory=dict)


def read_settings(environ: Mapping[str, str], directory: Path) -> StackSettings:
    """A relative PALIQUE_HOME is resolved against `directory`. StackError names an invalid setting."""
    replicas = _replicas(environ.get("PALIQUE_REPLICAS", ""))
    return StackSettings(
        home=_home(directory / environ.get("PALIQUE_HOME", ".palique")),
        port=_port(environ.get("PALIQUE_PORT", "8080")),
        replicas=replicas,
        mongodb_url=environ.get("PALIQUE_MONGODB_URL") or None,
        mongodb_members=_members(environ.get("PALIQUE_MONGODB_MEMBERS", "1")),
        amqp_url=environ.get("PALIQUE_AMQP_URL") or None,
        mongodb_prefix=environ.get("PALIQUE_MONGODB_PREFIX", "palique"),
        demo=_demo(environ.get("PALIQUE_DEMO", "on")),
        overrides=_overrides(environ, replicas),
    )


def _home(path: Path) -> Path:
    home = path.resolve()
    if re.search(r"[%\"'\n]|\s[;#]", str(home)):
        raise StackError(
            f"PALIQUE_HOME={str(home)!r} contains a character that configuration files cannot hold: % \" ' ; or #."
        )
    return home


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise StackError(f"PALIQUE_PORT={text!r} is not a port number from 1 to 65535.")


def _members(text: str) -> int:
    if text not in ("1", "3"):
        raise StackError(f"PALIQUE_MONGODB_MEMBERS={text!r} is neither 1 nor 3.")
    return int(text)


def _demo(text: str) -> bool:
    if text not in ("on", "off"):
        raise StackError(f"PALIQUE_DEMO={text!r} is neither on nor off.")
    return text == "on"


def _replicas(text: str) -> dict[str, int]:
    replicas = dict.fromkeys(SERVICES, 1)
    for item in filter(None, (item.strip() for item in text.split(","))):
        name, _, number = item.partition("=")
        if name not in SERVICES or not re.fullmatch(rf"[1-{MAX_REPLICAS}]", number):
            raise StackError(
                f"PALIQUE_REPLICAS has {item!r}; it takes items like chat=2, of {', '.join(SERVICES)}, 1 to {MAX_REPLICAS}."
            )
        replicas[name] = int(number)
    return replicas


def _overrides(environ: Mapping[str, str], replicas: Mapping[str, int]) -> dict[tuple[str, int], dict[str, str]]:
    overrides: dict[tuple[str, int], dict[str, str]] = {}
    for key, value in environ.items():
        if not key.startswith("PALIQUE_STACK_ENV_"):
            continue
        match = _OVERRIDE.fullmatch(key)
        service, number = (match[1].lower(), int(match[2])) if match else ("", 0)
        if match is None or number > replicas.get(service, 0):
            raise StackError(f"{key} names no process of this stack; it takes PALIQUE_STACK_ENV_CHAT_1_NAME=value.")
        overrides.setdefault((service, number), {})[match[3]] = value
    return overrides
