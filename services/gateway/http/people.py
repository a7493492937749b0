"""People in the JSON of several resources, and their mapping from the services' messages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol, cast

import msgspec

from kit.vocabulary import PersonKind

EMPTY: Mapping[str, str] = MappingProxyType({})


class Person(msgspec.Struct, frozen=True):
    """A visitor or an agent, as the name of the field says."""

    id: str
    name: str


class Author(msgspec.Struct, frozen=True):
    """The author of a text or a change."""

    kind: PersonKind
    id: str
    name: str


class PersonMessage(Protocol):
    """The `Person` message of chat's and tickets' contracts."""

    kind: str
    id: str
    name: str


def author_json(person: PersonMessage, names: Mapping[str, str] = EMPTY) -> Author:
    """`names` are visitors' current names, by id: a text has the name of its time."""
    name = names.get(person.id, person.name) if person.kind == "visitor" else person.name
    return Author(cast(PersonKind, person.kind), person.id, name)


def person_json(person: PersonMessage) -> Person:
    return Person(person.id, person.name)
