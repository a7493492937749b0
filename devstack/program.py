"""A program of the stack, as the supervisor runs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from devstack.folders import ROOT


class Tier(IntEnum):
    """Programs of one tier stop together, the highest tier first, so that no program loses one that it depends on."""

    BACKENDS = 1
    SERVICES = 2
    GATEWAYS = 3


@dataclass(frozen=True)
class Program:
    """`env` extends and overrides the stack's environment. SIGKILL follows `stop_seconds` after SIGTERM."""

    name: str
    argv: tuple[str, ...]
    tier: Tier
    env: Mapping[str, str] = field(default_factory=dict)
    directory: Path = ROOT
    stop_seconds: int = 15

    @property
    def address(self) -> str:
        """Its name at supervisord, with the group."""
        return f"{self.tier.name.lower()}:{self.name}"
