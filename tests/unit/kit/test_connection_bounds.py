"""Bounds of connections: which one gives way, and that no order of events exceeds a bound or loses a place."""

from hypothesis import given
from hypothesis import strategies as st

from kit.runtime.connection_bounds import ConnectionBounds, Slot

TOTAL, PER_NETWORK = 4, 2
NETWORKS = ("192.0.2.1", "192.0.2.2", "2001:db8::/64", None)


class Dropped:
    """The names of the dropped connections, in order."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def admit(self, bounds: ConnectionBounds, name: str, network: str | None = None) -> Slot | None:
        return bounds.admit(network, lambda: self.names.append(name))


def test_at_the_bound_of_all_the_longest_idle_gives_way() -> None:
    dropped, bounds = Dropped(), ConnectionBounds(2, 2)
    first = dropped.admit(bounds, "first", "a")
    second = dropped.admit(bounds, "second", "b")
    assert first is not None
    assert second is not None
    first.busy()
    assert dropped.admit(bounds, "third", "c") is not None
    assert dropped.names == ["second"]
    first.idle()  # later than the third
    assert dropped.admit(bounds, "fourth", "d") is not None
    assert dropped.names == ["second", "third"]


def test_while_all_are_served_no_other_is_admitted() -> None:
    dropped, bounds = Dropped(), ConnectionBounds(1, 1)
    only = dropped.admit(bounds, "only")
    assert only is not None
    only.busy()
    assert not bounds.has_room()
    assert dropped.admit(bounds, "other") is None
    only.release()
    assert dropped.admit(bounds, "other") is not None


def test_a_network_at_its_bound_takes_no_place_of_others() -> None:
    dropped, bounds = Dropped(), ConnectionBounds(4, 2)
    for name in ("other", "one", "two", "three"):
        assert dropped.admit(bounds, name, "b" if name == "other" else "a") is not None
    assert dropped.names == ["one"]
    assert (bounds.of("a"), bounds.of("b"), len(bounds)) == (2, 1, 3)


def test_a_peer_without_a_network_has_only_the_bound_of_all() -> None:
    dropped, bounds = Dropped(), ConnectionBounds(4, 1)
    assert all(dropped.admit(bounds, "proxy") is not None for _ in range(4))
    assert dropped.names == []


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("admit", "admit", "admit", "busy", "idle", "release")),
        st.sampled_from(NETWORKS),
        st.integers(0, 9),
    ),
    max_size=60,
)


class Port:
    """A port with bounds, and what must be open at it."""

    def __init__(self) -> None:
        self.bounds = ConnectionBounds(TOTAL, PER_NETWORK)
        self.open: list[Slot] = []
        self.busy: set[Slot] = set()

    def admit(self, network: str | None) -> None:
        places: list[Slot] = []
        slot = self.bounds.admit(network, lambda: self.open.remove(places[0]))
        if slot is None:
            assert len(self.busy) == len(self.open) or sum(one.network == network for one in self.busy) == PER_NETWORK
        else:
            places.append(slot)
            self.open.append(slot)

    def change(self, what: str, slot: Slot) -> None:
        getattr(slot, what)()
        self.busy.discard(slot)
        if what == "busy":
            self.busy.add(slot)
        if what == "release":
            slot.release()
            slot.idle()
            self.open.remove(slot)

    def check(self) -> None:
        assert self.busy <= set(self.open), "a connection was dropped while it was served"
        assert len(self.bounds) == len(self.open) <= TOTAL
        for name in filter(None, NETWORKS):
            assert self.bounds.of(name) == sum(one.network == name for one in self.open) <= PER_NETWORK


@given(EVENTS)
def test_no_order_of_events_exceeds_a_bound(events: list[tuple[str, str | None, int]]) -> None:
    port = Port()
    for what, network, which in events:
        if what == "admit":
            port.admit(network)
        elif port.open:
            port.change(what, port.open[which % len(port.open)])
        port.check()
    for slot in list(port.open):
        slot.release()
    assert vars(port.bounds) == vars(ConnectionBounds(TOTAL, PER_NETWORK)), "something stays after the last connection"
