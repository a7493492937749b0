"""The peer of a websocket: the authenticated person, and what the handshake says about a visitor's client."""

from typing import NamedTuple

from palique.chat.v1.chat_pb2 import Person

VISITOR, AGENT = "visitor", "agent"


class PeerIdentity(NamedTuple):
    """The authenticated person of a connection. `cookie` is an agent's, to check the session again."""

    kind: str
    site: str
    id: str
    name: str
    role: str = ""
    session: str = ""
    cookie: str = ""

    @property
    def person(self) -> Person:
        return Person(kind=self.kind, id=self.id, name=self.name)


class ClientInfo(NamedTuple):
    """A visitor's address, country and browser, from the handshake. Small: there is one for every connection."""

    ip: str
    country: str
    region: str
    user_agent: str
    browser: str
    os: str
    device: str
