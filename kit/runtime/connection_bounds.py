"""Bounds of open connections: of all, and of each network. At a bound a new connection takes the place of the longest idle one. Pure.

Idle are connections whose peer is to send something: silent ones, those with half a request head, kept-alive ones. A connection that
is being served is never dropped. Without an idle one, the new connection is refused.
"""

from collections.abc import Callable


class Slot:
    """The place of one connection. `drop` closes it; the next owner of the connection replaces it."""

    __slots__ = ("_bounds", "drop", "network")

    def __init__(self, bounds: "ConnectionBounds", network: str | None, drop: Callable[[], None]) -> None:
        self._bounds = bounds
        self.network = network
        self.drop = drop

    def idle(self) -> None:
        """The peer is to send something; from now on the connection may be dropped."""
        self._bounds.mark_idle(self)

    def busy(self) -> None:
        """The connection is being served."""
        self._bounds.mark_busy(self)

    def release(self) -> None:
        """The connection has ended. Further calls do nothing."""
        self._bounds.release(self)


class ConnectionBounds:
    """At most `total` connections, and `per_network` of each network. Memory is bounded by `total`."""

    def __init__(self, total: int, per_network: int) -> None:
        self._total = total
        self._per_network = per_network
        self._open: set[Slot] = set()
        # The longest idle first.
        self._idle: dict[Slot, None] = {}
        self._counts: dict[str, int] = {}
        self._idle_of: dict[str, dict[Slot, None]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def has_room(self) -> bool:
        """False while all places are taken and no connection is idle."""
        return len(self._open) < self._total or bool(self._idle)

    def of(self, network: str) -> int:
        """The open connections of a network."""
        return self._counts.get(network, 0)

    def admit(self, network: str | None, drop: Callable[[], None]) -> Slot | None:
        """An idle connection. Drops another one at a bound; None when none of those is idle. No network: only the total counts."""
        victims = self._idle_of.get(network, {}) if network is not None and self._is_full(network) else None
        if victims is None and len(self._open) >= self._total:
            victims = self._idle
        if victims is not None:
            victim = next(iter(victims), None)
            if victim is None:
                return None
            drop_victim = victim.drop
            self.release(victim)
            drop_victim()
        slot = Slot(self, network, drop)
        self._open.add(slot)
        if network is not None:
            self._counts[network] = self._counts.get(network, 0) + 1
        self.mark_idle(slot)
        return slot

    def mark_idle(self, slot: Slot) -> None:
        if slot in self._open and slot not in self._idle:
            self._idle[slot] = None
            if slot.network is not None:
                self._idle_of.setdefault(slot.network, {})[slot] = None

    def mark_busy(self, slot: Slot) -> None:
        if slot in self._idle:
            del self._idle[slot]
            if slot.network is not None:
                idle = self._idle_of[slot.network]
                del idle[slot]
                if not idle:
                    del self._idle_of[slot.network]

    def release(self, slot: Slot) -> None:
        if slot not in self._open:
            return
        self.mark_busy(slot)
        self._open.discard(slot)
        slot.drop = _nothing  # breaks a reference cycle
        if slot.network is not None:
            self._counts[slot.network] -= 1
            if not self._counts[slot.network]:
                del self._counts[slot.network]

    def _is_full(self, network: str) -> bool:
        return self._counts.get(network, 0) >= self._per_network


def _nothing() -> None: ...
