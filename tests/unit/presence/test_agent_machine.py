"""The state machine of an agent: chosen status and connection."""

from hypothesis import given
from hypothesis import strategies as st

from services.presence.domain.agent import LINGER_MS, Agent, AgentConnected, Event, StatusChosen, apply_event
from services.presence.domain.visitor import Disconnected, LeasesLapsed, Tick

NOW = 1_767_225_600_000


def after(*events: Event, now: int = NOW, agent: Agent | None = None) -> Agent:
    found = agent or Agent(site="acme", id="a1")
    for event in events:
        found = apply_event(found, event, now)
    return found


def test_the_chosen_status_stays_after_every_reconnect() -> None:
    """Requirement I-14: the chosen status outlives the connections."""
    away = after(AgentConnected("c1", "g1/1", "Ana"), StatusChosen("c1", NOW, "away"), Disconnected("c1"))
    gone = after(Tick(), now=NOW + LINGER_MS, agent=away)
    assert (gone.connected, gone.status) == (False, "away")
    back = after(AgentConnected("c2", "g2/1", "Ana"), agent=gone)
    assert (back.connected, back.status) == (True, "away")


def test_a_reload_within_the_linger_keeps_the_agent_connected() -> None:
    agent = after(AgentConnected("c1", "g1/1", "Ana"), Disconnected("c1"))
    agent = after(Tick(), now=NOW + LINGER_MS - 1, agent=agent)
    assert agent.connected
    agent = after(AgentConnected("c2", "g1/1", "Ana"), Tick(), now=NOW + 2 * LINGER_MS, agent=agent)
    assert agent.connected


def test_a_lapsed_lease_disconnects_its_agents_after_the_linger() -> None:
    """Requirement I-14: an agent is connected until the linger after the last connection."""
    agent = after(AgentConnected("c1", "g1/1", "Ana"), LeasesLapsed(frozenset({"g1/1"})))
    assert agent.connected
    assert not after(Tick(), now=NOW + LINGER_MS, agent=agent).connected


def test_the_last_reported_choice_wins_over_connections_with_different_clocks() -> None:
    agent = after(AgentConnected("c1", "g1/1", "Ana"), AgentConnected("c2", "g2/1", "Ana"))
    agent = after(StatusChosen("c1", NOW + 60_000, "away"), StatusChosen("c2", NOW, "invisible"), agent=agent)
    assert agent.status == "invisible"
    assert after(StatusChosen("c2", NOW - 5, "online"), agent=agent) is agent


def test_a_choice_on_an_ended_connection_changes_nothing() -> None:
    agent = after(AgentConnected("c1", "g1/1", "Ana"), AgentConnected("c2", "g1/1", "Ana"), Disconnected("c1"))
    assert after(StatusChosen("c1", NOW, "away"), agent=agent) is agent


@given(
    st.lists(
        st.tuples(st.sampled_from(("in", "out", "choose")), st.sampled_from(("c1", "c2"))), min_size=1, max_size=12
    )
)
def test_a_repeated_report_changes_nothing(steps: list[tuple[str, str]]) -> None:
    statuses = ("online", "away", "invisible")
    events: list[Event] = []
    for index, (kind, connection) in enumerate(steps):
        match kind:
            case "in":
                events.append(AgentConnected(connection, "g1/1", "Ana"))
            case "out":
                events.append(Disconnected(connection))
            case _:
                events.append(StatusChosen(connection, NOW + index, statuses[index % 3]))
    once = after(*events)
    again = after(*events, now=NOW + 1_000, agent=once)
    assert (again.connected, again.connections, again.leaves_at) == (once.connected, once.connections, once.leaves_at)
