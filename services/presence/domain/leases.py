"""Leases of gateways: the connections of a gateway count while it renews its lease. Pure.

A gateway that did not renew in time gets a new lease. The connections of the old one are removed unless the gateway reports them
again. So a crashed gateway and a paused one need no restart of any process (requirement I-12).
"""

from typing import NamedTuple

# Gateways renew every 5 s, so four renewals may fail. With the linger and two sweeps after it, the visitors of a crashed gateway
# leave the list within 40 s.
LEASE_MS = 25_000
# A younger lease counts as not known: the gateway learns of the loss at two renewals, in case one answer is lost.
MIN_KNOWN_MS = 11_000
# A lapsed lease is kept for longer than any report takes, so that the connections of a late report are removed as well.
LAPSED_RETENTION_MS = 60_000


class Lease(NamedTuple):
    """`since` is its begin."""

    id: str
    since: int

    def is_known(self, now: int) -> bool:
        """True when the gateway may rely on all that it reported; False just after the lease began."""
        return now - self.since >= MIN_KNOWN_MS


def new_lease(gateway_id: str, now: int) -> Lease:
    return Lease(f"{gateway_id}/{now}", now)


def lease_end(now: int) -> int:
    """The end of a lease that is renewed now."""
    return now + LEASE_MS
