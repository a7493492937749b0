"""`make bench`, or `make bench ONLY=B3` (`ONLY=B1,B6`): takes the figures of docs/performance.md and writes them there.

Each benchmark starts and ends its own stack. The figures mean little on a machine that does other work meanwhile.
"""

import argparse
import resource
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, cast

from bench.report import Line, publish, revision, save


class Benchmark(NamedTuple):
    """`run` measures; `lines` turns its result into lines of the table."""

    run: Callable[[], object]
    lines: Callable[[object], Sequence[Line]]


MODULES = {
    "B1": "bench.b1_throughput",
    "B1-processes": "bench.b1_processes",
    "B2": "bench.b2_latency",
    "B3": "bench.b3_fanout",
    "B4": "bench.b4_memory",
    "B5": "bench.b5_presence",
    "B6": "bench.b6_cut",
    "B8": "bench.b8_lists",
    "B9": "bench.b9_start",
    "Floods": "bench.floods",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of {', '.join(MODULES)}, with commas")
    names = [name for name in parser.parse_args().only.split(",") if name] or list(MODULES)
    unknown = set(names) - set(MODULES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    at = revision()
    failed = [name for name in names if not _taken(name, at)]
    print(publish())
    if failed:
        sys.exit(f"{', '.join(failed)} could not be taken.")


def _taken(name: str, at: str) -> bool:
    """Runs one benchmark; a failure is printed and does not stop the others."""
    print(f"{name} …", flush=True)
    benchmark = cast(Benchmark, import_module(MODULES[name]))
    began = time.monotonic()
    try:
        found = benchmark.run()
    except Exception:  # noqa: BLE001 - every failure is reported, and the other benchmarks run
        traceback.print_exc()
        return False
    save(name, at, found, benchmark.lines(found), time.monotonic() - began)
    return True


if __name__ == "__main__":
    main()
