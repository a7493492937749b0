"""An agent's availability: whether a socket is there, and what they chose to be. Pure: (agent, event, now) -> agent.

The chosen status outlives every socket (I-14); `connected` ends with the linger after the last one, so a reload is no leave.
"""

from msgspec import Struct
from msgspec.structs import replace

from services.presence.domain import connections as socket_set
from services.presence.domain.connections import Connections
from services.presence.domain.visitor import Disconnected, LeasesLapsed, Tick, key_of

# Time to restart a browser or change a network before chats are given to others.
LINGER_MS = 30_000


class Choice(Struct, frozen=True):
    """The socket that the status was chosen on, and when by its gateway's clock."""

    connection: str
    at: int


class Agent(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One record an agent. `writes` counts all its changes, `rev` rises with those that others see."""

    site: str
    agent: str
    writes: int = 0
    rev: int = 0
    name: str = ""
    status: str = "online"
    chosen: Choice | None = None
    connected: bool = False
    leaves_at: int | None = None
    sockets: Connections = Connections()

    @property
    def key(self) -> str:
        return key_of(self.site, self.agent)


class AgentConnected(Struct, frozen=True):
    connection: str
    lease: str
    name: str


class ChoseStatus(Struct, frozen=True):
    connection: str
    at: int
    status: str


Event = AgentConnected | ChoseStatus | Disconnected | LeasesLapsed | Tick


def step(agent: Agent, event: Event, now: int) -> Agent:
    """The agent after the event; the same object when nothing changes."""
    match event:
        case AgentConnected():
            return _connected(agent, event)
        case ChoseStatus():
            return _chose(agent, event)
        case Disconnected():
            return _with_sockets(agent, socket_set.ended(agent.sockets, event.connection), now)
        case LeasesLapsed():
            return _with_sockets(agent, socket_set.cut(agent.sockets, event.leases), now)
        case Tick():
            if agent.leaves_at is None or agent.leaves_at > now:
                return agent
            return replace(agent, connected=False, leaves_at=None)


def availability_of(agent: Agent) -> tuple[str, str, bool]:
    """What others see of an agent; everything but the `rev`."""
    return agent.name, agent.status, agent.connected


def _connected(agent: Agent, event: AgentConnected) -> Agent:
    sockets = socket_set.opened(agent.sockets, event.connection, event.lease)
    if sockets is agent.sockets:
        return agent
    return replace(agent, sockets=sockets, name=event.name, connected=True, leaves_at=None)


def _chose(agent: Agent, event: ChoseStatus) -> Agent:
    """Times are compared on one socket only: there they are of one clock, and only there can a choice come again."""
    choice = Choice(event.connection, event.at)
    if not agent.sockets.has(event.connection) or (agent.chosen == choice and agent.status == event.status):
        return agent
    if agent.chosen is not None and agent.chosen.connection == event.connection and agent.chosen.at > event.at:
        return agent
    return replace(agent, status=event.status, chosen=choice)


def _with_sockets(agent: Agent, sockets: Connections, now: int) -> Agent:
    if sockets is agent.sockets:
        return agent
    after = replace(agent, sockets=sockets)
    if sockets.live or not agent.connected or agent.leaves_at is not None:
        return after
    return replace(after, leaves_at=now + LINGER_MS)
