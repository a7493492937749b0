"""What every contract must have so that one gate can watch over all methods."""

import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from palique.chat.v1 import chat_pb2, feed_pb2, routing_pb2
from palique.presence.v1 import presence_pb2
from palique.tickets.v1 import mail_pb2, tickets_pb2

METHODS: list[MethodDescriptor] = [
    method
    for module in (chat_pb2, feed_pb2, routing_pb2, presence_pb2, tickets_pb2, mail_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_every_request_names_its_site(method: MethodDescriptor) -> None:
    site = method.input_type.fields_by_name["site"]
    assert site.type == FieldDescriptor.TYPE_STRING
    assert not site.is_repeated


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_every_method_is_one_request_and_one_response(method: MethodDescriptor) -> None:
    """The gate wraps nothing else; a stream would pass it by."""
    assert not method.client_streaming
    assert not method.server_streaming
