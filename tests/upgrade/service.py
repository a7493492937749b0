"""Runs one service of a stack from the tree that is chosen for it, so that a restart may replace its version."""

import os

from tests.upgrade.trees import run_from, tree_of


def service_of(grpc_address: str | None) -> str:
    """The service with this gRPC address; the gateway has none."""
    for name in ("presence", "chat", "tickets"):
        if grpc_address in os.environ[f"PALIQUE_{name.upper()}_ADDRESSES"].split(","):
            return name
    return "gateway"


if __name__ == "__main__":
    service = service_of(os.environ.get("PALIQUE_GRPC_ADDRESS"))
    run_from(tree_of(os.environ), f"services.{service}.main", os.environ)
