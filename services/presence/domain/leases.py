"""Leases: a gateway's sockets are there as long as the gateway says so. Pure.

A gateway that was silent for too long has lost its lease and gets a new one; what hung on the old one is cut, unless it is
reported again. So a gateway killed and one that only stood still are the same, and neither needs anybody's restart (I-12).
"""

from typing import NamedTuple

# Gateways renew every 5 s: four renewals may fail. With the linger and two sweeps after it, whoever was on a killed
# gateway is gone within 40 s.
LEASE_MS = 25_000
# A lease younger than this counts as not known: its gateway hears it at two renewals, should one answer be lost.
YOUNG_MS = 11_000
# A lapsed lease is remembered for longer than any report under way can last, so that a late one is cut as well.
KEPT_MS = 60_000


class Lease(NamedTuple):
    """`lease` is its id; `since` when it began."""

    lease: str
    since: int

    def is_known(self, now: int) -> bool:
        """Whether its gateway may rely on all that it reported: false just after the lease began."""
        return now - self.since >= YOUNG_MS


def lease_of(gateway: str, now: int) -> Lease:
    """A new lease."""
    return Lease(f"{gateway}/{now}", now)


def until_of(now: int) -> int:
    """How long a lease lasts that is renewed now."""
    return now + LEASE_MS
