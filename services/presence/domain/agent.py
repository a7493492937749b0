"""An agent's state machine: chosen status and connection. Pure: (agent, event, now) -> agent.

Invariants: the chosen status stays when connections end (requirement I-14). `connected` becomes False after the linger that follows the
last connection, so a reload does not.
"""

from msgspec import Struct, field
from msgspec.structs import replace

from services.presence.domain.connections import Connections, with_ended, with_opened, without_leases
from services.presence.domain.visitor import Disconnected, LeasesLapsed, Tick, record_key

# Time to restart a browser or change a network before chats are assigned to other agents.
LINGER_MS = 30_000


class Choice(Struct, frozen=True):
    """The connection on which the status was chosen, and the time by the clock of its gateway."""

    connection_id: str = field(name="connection")
    at: int


class Agent(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One record an agent. `writes` counts all changes, `rev` rises with those of the availability."""

    site: str
    id: str = field(name="agent")
    writes: int = 0
    rev: int = 0
    name: str = ""
    status: str = "online"
    chosen: Choice | None = None
    connected: bool = False
    leaves_at: int | None = None
    connections: Connections = field(name="sockets", default=Connections())

    @property
    def key(self) -> str:
        return record_key(self.site, self.id)


class AgentConnected(Struct, frozen=True):
    connection_id: str
    lease_id: str
    name: str


class StatusChosen(Struct, frozen=True):
    connection_id: str
    at: int
    status: str


Event = AgentConnected | StatusChosen | Disconnected | LeasesLapsed | Tick


def apply_event(agent: Agent, event: Event, now: int) -> Agent:
    """The agent after the event; the same object when nothing changes."""
    match event:
        case AgentConnected():
            return _connected(agent, event)
        case StatusChosen():
            return _status_chosen(agent, event)
        case Disconnected():
            return _with_connections(agent, with_ended(agent.connections, event.connection_id), now)
        case LeasesLapsed():
            return _with_connections(agent, without_leases(agent.connections, event.lease_ids), now)
        case Tick():
            if agent.leaves_at is None or agent.leaves_at > now:
                return agent
            return replace(agent, connected=False, leaves_at=None)


def availability_of(agent: Agent) -> tuple[str, str, bool]:
    """Name, status and connection: the public part of an agent, without `rev`."""
    return agent.name, agent.status, agent.connected


def _connected(agent: Agent, event: AgentConnected) -> Agent:
    connections = with_opened(agent.connections, event.connection_id, event.lease_id)
    if connections is agent.connections:
        return agent
    return replace(agent, connections=connections, name=event.name, connected=True, leaves_at=None)


def _status_chosen(agent: Agent, event: StatusChosen) -> Agent:
    """Compares times on one connection only: they come from one clock, and a choice is repeated on its own connection only."""
    choice = Choice(event.connection_id, event.at)
    if not agent.connections.is_live(event.connection_id) or (agent.chosen == choice and agent.status == event.status):
        return agent
    if agent.chosen is not None and agent.chosen.connection_id == event.connection_id and agent.chosen.at > event.at:
        return agent
    return replace(agent, status=event.status, chosen=choice)


def _with_connections(agent: Agent, connections: Connections, now: int) -> Agent:
    if connections is agent.connections:
        return agent
    after = replace(agent, connections=connections)
    if connections.live or not agent.connected or agent.leaves_at is not None:
        return after
    return replace(after, leaves_at=now + LINGER_MS)
