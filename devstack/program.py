"""What the supervisor needs to know about a program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from devstack.folders import ROOT


class Tier(IntEnum):
    """Programs of one tier stop together; the highest stops first, so that nothing loses what it stands on."""

    BACKENDS = 1
    SERVICES = 2
    GATEWAYS = 3


@dataclass(frozen=True)
class Program:
    """`env` goes over the environment of the stack. After `stop_seconds` from SIGTERM comes SIGKILL."""

    name: str
    argv: tuple[str, ...]
    tier: Tier
    env: Mapping[str, str] = field(default_factory=dict)
    directory: Path = ROOT
    stop_seconds: int = 15

    @property
    def address(self) -> str:
        """The name that supervisord knows it by."""
        return f"{self.tier.name.lower()}:{self.name}"
