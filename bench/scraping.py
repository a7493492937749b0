"""Reads the metrics of processes and computes means over a time."""

import re
from collections.abc import Iterable

import httpx

_LINE = re.compile(r"^([a-z0-9_]+?)_(sum|count)(\{[^}]*\})? (\S+)$", re.MULTILINE)
Sums = dict[str, tuple[float, float]]


async def sums_of(ops: Iterable[str]) -> Sums:
    """(sum, count) of every histogram and its labels, added over these processes."""
    found: Sums = {}
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        for address in ops:
            for name, part, labels, value in _LINE.findall((await http.get(f"{address}/metrics")).text):
                total, count = found.get(name + labels, (0.0, 0.0))
                more = float(value)
                found[name + labels] = (total + more, count) if part == "sum" else (total, count + more)
    return found


def mean_between(before: Sums, after: Sums, name: str) -> float:
    """The mean of the observations between two reads; 0 without any."""
    total, count = (last - first for first, last in zip(before.get(name, (0.0, 0.0)), after[name], strict=True))
    return total / count if count else 0.0
