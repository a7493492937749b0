"""A visitor, agent, integration or system that acts on a ticket. Pure."""

import msgspec


class Person(msgspec.Struct, frozen=True):
    """`kind` is visitor, agent, integration or system. A kind and an id identify a person."""

    kind: str
    id: str
    name: str = ""

    def is_same(self, other: "Person") -> bool:
        return (self.kind, self.id) == (other.kind, other.id)
