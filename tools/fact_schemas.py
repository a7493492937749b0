"""Schemas and examples of facts for docs/asyncapi.yaml: protobuf messages in their JSON mapping, with the comments of the proto files.

Field names are those of the proto. As in every JSON of protobuf, 64-bit integers are strings and a default value may be absent.
"""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from grpc_tools import protoc
from palique.chat.v1 import chat_pb2, live_pb2
from palique.tickets.v1 import tickets_pb2

from services.gateway.http.openapi import Json
from tools.frame_examples import AGENT, CHAT, VISITOR

PROTOS = Path(__file__).resolve().parent.parent / "protos"
TICKET = "019c1f6ab000700083c4d5e6f7081929"
AT_MS = 1770024600123
_INT64 = {"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"}
_SCALARS: dict[int, Json] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_INT64: _INT64,
}

_VERA = {"kind": "visitor", "id": VISITOR, "name": "Vera"}
_ANA = {"kind": "agent", "id": AGENT, "name": "Ana"}


def schemas(messages: Iterable[type[Message]]) -> dict[str, Json]:
    """The schema of each message and of each message inside, by full name. KeyError for a type of field that no fact has yet."""
    # The stubs have two classes of descriptors, which are the same.
    found = {one.full_name: one for message in messages for one in _with_nested(cast(Descriptor, message.DESCRIPTOR))}
    comments = _comments({one.file.name for one in found.values()})
    return {name: _schema(one, comments) for name, one in sorted(found.items())}


def as_json(message: Message) -> Json:
    """The JSON that the schemas describe."""
    return MessageToDict(message, preserving_proto_field_name=True)


def example(key: str) -> tuple[str, Message]:
    """The message id and the body of a fact with this routing key."""
    service, _, kind = key.partition(".")
    if service == "ticket":
        return f"{TICKET}.2", _ticket_fact(kind)
    fact = _chat_fact(kind)
    return f"{CHAT}.{fact.seq}", fact


def _chat_fact(kind: str) -> live_pb2.Fact:
    ended = kind in ("closed", "rated")
    conversation = chat_pb2.Conversation(
        site="demo",
        conversation=CHAT,
        epoch=1,
        head=5,
        status="closed" if ended else "waiting" if kind == "opened" else "active",
        visitor=chat_pb2.Person(**_VERA),
        assignee=None if kind == "opened" else chat_pb2.Person(**_ANA),
        started_by="visitor",
        started_at_ms=AT_MS,
        ended_at_ms=AT_MS + 60_000 if ended else 0,
        messages=2,
        agents=[] if kind == "opened" else [chat_pb2.Person(**_ANA)],
        country="ES",
        region="Spain",
        last_line="On its way.",
    )
    seq = 1 if kind == "opened" else 5
    return live_pb2.Fact(kind=kind, seq=seq, at_ms=AT_MS + 60_000, conversation=conversation, visitor_chats=1)


def _ticket_fact(kind: str) -> tickets_pb2.TicketFact:
    ticket = tickets_pb2.Ticket(
        site="demo",
        ticket=TICKET,
        number=17,
        version=2,
        subject="Parcel of Vera",
        status="open",
        priority="normal",
        assignee=tickets_pb2.Person(**_ANA),
        conversation=CHAT,
        visitor=tickets_pb2.Person(**_VERA),
        visitor_email="vera@shop.example",
        created_at_ms=AT_MS,
        updated_at_ms=AT_MS + 60_000,
        transcript_from=1,
        transcript_to=5,
    )
    return tickets_pb2.TicketFact(kind=kind, ticket=ticket)


def _with_nested(message: Descriptor) -> Iterator[Descriptor]:
    yield message
    for field in message.fields:
        if field.message_type is not None:
            yield from _with_nested(field.message_type)


def _schema(message: Descriptor, comments: dict[str, str]) -> Json:
    properties = {field.name: _described(_value(field), comments.get(field.full_name)) for field in message.fields}
    return _described({"type": "object", "properties": properties}, comments.get(message.full_name))


def _value(field: FieldDescriptor) -> Json:
    if field.message_type is None:
        one = dict(_SCALARS[field.type])
    else:
        one = {"$ref": f"#/components/schemas/{field.message_type.full_name}"}
    return {"type": "array", "items": one} if field.is_repeated else one


def _described(schema: Json, comment: str | None) -> Json:
    if comment is None:
        return schema
    # A reference has no other fields.
    return {"description": comment, **({"allOf": [schema]} if "$ref" in schema else schema)}


def _comments(names: Iterable[str]) -> dict[str, str]:
    """The comments above messages and fields of these proto files, by full name."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "descriptors"
        bundled = str(files("grpc_tools") / "_proto")
        arguments = [f"-I{PROTOS}", f"-I{bundled}", "--include_source_info", f"--descriptor_set_out={out}"]
        if protoc.main(["protoc", *arguments, *sorted(names)]) != 0:
            raise SystemExit("protoc could not read the proto files")
        described = FileDescriptorSet.FromString(out.read_bytes())
    found = {}
    for file in described.file:
        for location in file.source_code_info.location:
            # In descriptor.proto a file has its messages as field 4, and a message its fields as field 2.
            text = " ".join(location.leading_comments.split())
            match list(location.path) if text else []:
                case [4, message]:
                    found[f"{file.package}.{file.message_type[message].name}"] = text
                case [4, message, 2, field]:
                    one = file.message_type[message]
                    found[f"{file.package}.{one.name}.{one.field[field].name}"] = text
    return found
