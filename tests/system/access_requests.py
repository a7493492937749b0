"""Valid requests about records of one site: each frame of the websockets and each method of gRPC."""

import uuid
from typing import Any, NamedTuple

from google.protobuf import message_factory
from google.protobuf.message import Message

from tests.support.json_object import JsonObject


class Ids(NamedTuple):
    """Records of one site."""

    visitor: str
    conversation: str
    ticket: str


def frame_of(tag: str, ids: Ids) -> JsonObject:
    """A valid frame about these records."""
    conversation, ref = {"conversation": ids.conversation}, {"ref": uuid.uuid4().hex}
    written = {**conversation, "client_id": uuid.uuid4().hex, "text": "x"}
    fields: dict[str, JsonObject] = {
        "hello": {"client": "test/1.0", "cursors": []},
        "send": written,
        "note": written,
        "fetch": {**conversation, **ref, "after": 0},
        "read": {**conversation, "seq": 1},
        "ping": {"cursors": [{**conversation, "seq": 0}]},
        "page": {"url": "https://shop.test/", "title": "x", "referrer": ""},
        "profile": {"name": "x"},
        "fields": {"fields": [{"key": "plan", "value": "x"}]},
        "watch_visitors": {"limit": 50},
        "start_chat": {**ref, "visitor": ids.visitor},
        "status": {"status": "online"},
        "typing": conversation,
        "name_visitors": {"visitors": [ids.visitor]},
    }
    return {"type": tag, **fields.get(tag, {**conversation, **ref})}


def request_of(kind: type[Message], site: str, ids: Ids) -> Message:
    """A valid request about these records."""
    request: Any = kind()
    person = {"kind": "agent", "id": "a1", "name": "Ann"}
    values: JsonObject = {
        **ids._asdict(),
        "site": site,
        "visitors": [ids.visitor],
        "limit": 10,
        "version": 1,
        "text": "Vis",
        "subject": "x",
        "client_id": uuid.uuid4().hex,
        "gateway": "matrix",
        "note": "n1",
        "author_kind": "agent",
        "editor_kind": "agent",
        "author": person,
        "editor": "a1",
        "by": person,
        "agent": person,
        "reader": person,
        "reason": "agent_lost",
        "status": "" if request.DESCRIPTOR.name.startswith("List") else "pending",
        "name": "x",
        "flagged": True,
        "teams": True,
        "any_assignee": True,
        "seq": 1,
        "kind": "message",
        "mail": uuid.uuid4().hex,
        "content": {"to": "vera@shop.test", "subject": "x", "text": "Vis"},
    }
    for field in request.DESCRIPTOR.fields:
        if field.name == "items":
            request.items.append(request_of(message_factory.GetMessageClass(field.message_type), site, ids))
        elif field.name == "cursors":
            request.cursors.add(conversation=ids.conversation)
        elif field.name == "fields":
            request.fields.add(key="plan", value="x")
        elif field.name == "visitor" and field.message_type is not None:
            _set(request, field, {"kind": "visitor", "id": ids.visitor, "name": "Vera"})
        elif field.name in values:
            _set(request, field, values[field.name])
    return request  # type: ignore[no-any-return]


def _set(request: object, field: Any, value: Any) -> None:
    if field.message_type is not None:
        for name, part in value.items():
            setattr(getattr(request, field.name), name, part)
    elif field.is_repeated:
        getattr(request, field.name).extend(value)
    else:
        setattr(request, field.name, value["id"] if isinstance(value, dict) else value)
