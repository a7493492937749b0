"""The schemas of docs/asyncapi.yaml as validators."""

from functools import cache

import jsonschema_rs
import yaml

from devstack.folders import ROOT
from tests.support.json_object import JsonObject

Json = JsonObject


@cache
def document() -> Json:
    """docs/asyncapi.yaml as it is checked in."""
    found: Json = yaml.load((ROOT / "docs/asyncapi.yaml").read_text(), Loader=yaml.CSafeLoader)
    return found


@cache
def _validator(message: str) -> jsonschema_rs.Draft7Validator:
    components = document()["components"]
    return jsonschema_rs.Draft7Validator(
        {"allOf": [components["messages"][message]["payload"]], "components": components}
    )


def faults(message: str, payload: Json) -> list[str]:
    """Where the payload breaks the schema of this message; empty when it fits."""
    return [f"{list(fault.instance_path)}: {fault.message}" for fault in _validator(message).iter_errors(payload)]


def message_of(frame: Json, *, socket: str, action: str) -> str:
    """The message that describes a frame: by its type, among those that the gateway sends or receives on this socket."""
    operation = document()["operations"][f"{action}-{socket}-frames"]
    names = [one["$ref"].rpartition("/")[2] for one in operation["messages"]]
    (found,) = (one for one in names if document()["components"]["messages"][one]["name"] == frame["type"])
    return str(found)
