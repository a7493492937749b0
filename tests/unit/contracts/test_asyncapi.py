"""docs/asyncapi.yaml is a valid document, and its examples are what Palique sends and takes.

asyncapi-3.0.0.json is the schema of the AsyncAPI initiative (npm package @asyncapi/specs 6.11.1, Apache-2.0), without white space.
"""

import copy
import json
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import pytest
from google.protobuf.json_format import ParseDict

from kit.bus.exchanges import EVENTS
from kit.facts import FACTS
from kit.vocabulary import FACT_KINDS
from services.gateway.connection import frames
from services.gateway.connection.frame_codec import AGENT_DECODER, VISITOR_DECODER
from services.presence.events import FACT_KEYS as PRESENCE_KEYS
from services.tickets.events import KEYS as TICKETS_KEYS
from tests.support.contract_schemas import document, faults
from tools import fact_schemas

SPECIFICATION = jsonschema_rs.Draft7Validator(json.loads((Path(__file__).parent / "asyncapi-3.0.0.json").read_text()))
MESSAGES = document()["components"]["messages"]
DECODERS = {"visitor": VISITOR_DECODER, "agent": AGENT_DECODER}


def payload(message: str) -> Any:
    return MESSAGES[message]["examples"][0]["payload"]


def resolved(address: str) -> object:
    found: Any = document()
    for part in address.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*map(references, value.values()))
    return set[str]().union(*map(references, value)) if isinstance(value, list) else set()


def test_it_is_a_valid_asyncapi_document() -> None:
    assert [error.message for error in SPECIFICATION.iter_errors(document())] == []
    broken = copy.deepcopy(document())
    broken["operations"]["send-agent-frames"]["action"] = "emit"
    assert not SPECIFICATION.is_valid(broken)


def test_every_reference_leads_somewhere() -> None:
    found = references(document())
    assert len(found) > 100
    assert all(resolved(address) is not None for address in found)


@pytest.mark.parametrize("message", MESSAGES)
def test_an_example_fits_its_schema(message: str) -> None:
    assert faults(message, payload(message)) == []


@pytest.mark.parametrize("message", MESSAGES)
def test_an_example_with_a_value_of_another_type_does_not_fit(message: str) -> None:
    first = next(iter(payload(message)))
    assert faults(message, {**payload(message), first: ["no", "text"]})


@pytest.mark.parametrize("kind", DECODERS)
def test_the_gateway_takes_the_examples_of_clients(kind: str) -> None:
    taken = [
        DECODERS[kind].decode(json.dumps(payload(one["$ref"].rpartition("/")[2])).encode())
        for one in document()["operations"][f"receive-{kind}-frames"]["messages"]
    ]
    union = frames.VisitorFrame if kind == "visitor" else frames.AgentFrame
    assert [type(one) for one in taken] == list(get_args(union))


def test_each_direction_of_a_socket_has_one_message_of_a_type() -> None:
    for name, operation in document()["operations"].items():
        types = [MESSAGES[one["$ref"].rpartition("/")[2]]["name"] for one in operation["messages"]]
        assert len(types) == len(set(types)), name


@pytest.mark.parametrize("key", FACTS)
def test_the_example_of_a_fact_is_its_protobuf_message(key: str) -> None:
    message = FACTS[key].message()
    ParseDict(payload(key), message)
    assert fact_schemas.as_json(message) == payload(key)
    assert MESSAGES[key]["x-protobuf"]["message"] == message.DESCRIPTOR.full_name
    assert key.rpartition(".")[2] == payload(key)["kind"]


def test_the_table_of_facts_has_all_that_services_publish_and_take() -> None:
    assert {key for key in FACTS if key.startswith("chat.")} == {f"chat.{kind}" for kind in FACT_KINDS}
    assert {*TICKETS_KEYS, *PRESENCE_KEYS} <= set(FACTS)
    exchanges = {document()["channels"][key]["bindings"]["amqp"]["exchange"]["name"] for key in FACTS}
    assert exchanges == {EVENTS.name}


def test_fields_of_facts_have_the_comments_of_the_proto_files() -> None:
    fact = document()["components"]["schemas"]["palique.chat.v1.Fact"]
    assert fact["properties"]["conversation"]["description"] == "The state at `seq` or later."
    assert fact["properties"]["seq"]["type"] == "string"
