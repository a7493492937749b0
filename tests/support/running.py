"""A running stack by its `run/stack.json`, which is read at each access because restarted processes get new pids."""

import json
import os
import signal
from pathlib import Path

from tests.support.json_object import JsonObject


class Running:
    """Addresses and processes of one stack."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def described(self) -> JsonObject:
        """`stack.json` as it is now."""
        found: JsonObject = json.loads((self.home / "run/stack.json").read_text())
        return found

    def public(self, gateway: int) -> str:
        """The public address of a gateway, counted from 0."""
        one: dict[str, str] = self.described()["services"]["gateway"][gateway]
        return one.get("public") or str(self.described()["public"])

    def grpc(self, service: str, replica: int = 0) -> str:
        return str(self.described()["services"][service][replica]["grpc"])

    def ops(self, service: str, replica: int = 0) -> str:
        return str(self.described()["services"][service][replica]["ops"])

    def pid(self, service: str, replica: int = 0) -> int:
        return int(self.described()["services"][service][replica]["pid"])

    def kill(self, service: str, replica: int = 0) -> int:
        """Kill -9; gives the pid that is dead now."""
        pid = self.pid(service, replica)
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_rabbitmq(self) -> None:
        os.kill(int(self.described()["rabbitmq"]["pid"]), signal.SIGKILL)

    @property
    def mongodb_url(self) -> str:
        return str(self.described()["mongodb"]["url"])

    @property
    def amqp_url(self) -> str:
        return str(self.described()["rabbitmq"]["url"])

    @property
    def integration_token(self) -> str:
        """Good for the demo site only."""
        return (self.home / "run/integration.token").read_text().strip()
