"""Traces: without a collector a process does not load what exports them."""

import subprocess
import sys

LOADED = """
import sys, kit.mongo, kit.rpc.client, kit.runtime.process
print(*[name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.instrumentation"))])
"""


def test_a_process_without_a_collector_starts_without_the_sdk() -> None:
    """The SDK would take an eighth of the CPU time of a start."""
    found = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    assert found.split() == []
