"""An agent's availability as a machine."""

from hypothesis import given
from hypothesis import strategies as st

from services.presence.domain.agent import LINGER_MS, Agent, AgentConnected, ChoseStatus, Event, step
from services.presence.domain.visitor import Disconnected, LeasesLapsed, Tick

NOW = 1_767_225_600_000


def after(*events: Event, now: int = NOW, agent: Agent | None = None) -> Agent:
    found = agent or Agent(site="acme", agent="a1")
    for event in events:
        found = step(found, event, now)
    return found


def test_a_chosen_status_survives_every_reconnect() -> None:
    """I-14."""
    away = after(AgentConnected("c1", "g1/1", "Ana"), ChoseStatus("c1", NOW, "away"), Disconnected("c1"))
    gone = after(Tick(), now=NOW + LINGER_MS, agent=away)
    assert (gone.connected, gone.status) == (False, "away")
    back = after(AgentConnected("c2", "g2/1", "Ana"), agent=gone)
    assert (back.connected, back.status) == (True, "away")


def test_a_reload_is_no_leave() -> None:
    agent = after(AgentConnected("c1", "g1/1", "Ana"), Disconnected("c1"))
    agent = after(Tick(), now=NOW + LINGER_MS - 1, agent=agent)
    assert agent.connected
    agent = after(AgentConnected("c2", "g1/1", "Ana"), Tick(), now=NOW + 2 * LINGER_MS, agent=agent)
    assert agent.connected


def test_a_gateway_that_fell_silent_takes_its_agents_with_it() -> None:
    """I-14: the last socket gone for good."""
    agent = after(AgentConnected("c1", "g1/1", "Ana"), LeasesLapsed(frozenset({"g1/1"})))
    assert agent.connected
    assert not after(Tick(), now=NOW + LINGER_MS, agent=agent).connected


def test_the_newest_choice_stands_over_several_sockets_whatever_their_clocks_say() -> None:
    agent = after(AgentConnected("c1", "g1/1", "Ana"), AgentConnected("c2", "g2/1", "Ana"))
    agent = after(ChoseStatus("c1", NOW + 60_000, "away"), ChoseStatus("c2", NOW, "invisible"), agent=agent)
    assert agent.status == "invisible"
    assert after(ChoseStatus("c2", NOW - 5, "online"), agent=agent) is agent


def test_a_choice_on_an_ended_socket_changes_nothing() -> None:
    agent = after(AgentConnected("c1", "g1/1", "Ana"), AgentConnected("c2", "g1/1", "Ana"), Disconnected("c1"))
    assert after(ChoseStatus("c1", NOW, "away"), agent=agent) is agent


@given(
    st.lists(
        st.tuples(st.sampled_from(("in", "out", "choose")), st.sampled_from(("c1", "c2"))), min_size=1, max_size=12
    )
)
def test_a_report_that_comes_again_changes_nothing(course: list[tuple[str, str]]) -> None:
    statuses = ("online", "away", "invisible")
    events: list[Event] = []
    for index, (kind, connection) in enumerate(course):
        match kind:
            case "in":
                events.append(AgentConnected(connection, "g1/1", "Ana"))
            case "out":
                events.append(Disconnected(connection))
            case _:
                events.append(ChoseStatus(connection, NOW + index, statuses[index % 3]))
    once = after(*events)
    again = after(*events, now=NOW + 1_000, agent=once)
    assert (again.connected, again.sockets, again.leaves_at) == (once.connected, once.sockets, once.leaves_at)
