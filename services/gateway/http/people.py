"""People in the JSON of several resources, and their mapping from the services' messages."""

from typing import Protocol, cast

import msgspec

from kit.vocabulary import PersonKind


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


def author_json(person: PersonMessage) -> Author:
    return Author(cast(PersonKind, person.kind), person.id, person.name)


def person_json(person: PersonMessage) -> Person:
    return Person(person.id, person.name)
