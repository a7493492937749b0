"""Fuzz of gRPC: every call gets an answer or a refusal with a status and a stable code.

It calls every method of every service with valid messages, changed messages and bytes that are no message. The methods come from
the descriptors of the contracts, so a new method is fuzzed at once.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from hypothesis import given
from hypothesis import strategies as st
from palique.chat.v1 import chat_pb2, chat_pb2_grpc, feed_pb2, routing_pb2
from palique.presence.v1 import presence_pb2
from palique.tickets.v1 import mail_pb2, tickets_pb2, tickets_pb2_grpc

from kit.codes import Code
from kit.rpc.errors import CODE_KEY, STATUS
from tests.support.running import Running
from tests.system.fuzzing import A_RUN, MARK, SITE, for_a_while, make_site, nothing_breaks, still_answers
from tests.system.message_grammar import Words, bent, filled

EMAIL = "rpc@fuzzed.test"
DEADLINE_S = 20.0
CONTRACTS = {"chat": (chat_pb2, feed_pb2, routing_pb2), "presence": (presence_pb2,), "tickets": (tickets_pb2, mail_pb2)}
# Answers of the gRPC library itself: too large messages and unknown methods.
OF_THE_LIBRARY = {grpc.StatusCode.RESOURCE_EXHAUSTED}
KNOWN = {(str(code), STATUS[code]) for code in Code if code is not Code.INTERNAL}
VISITOR = uuid.uuid4().hex
# What a service could do something with, by the name of a field, and of its message where that matters.
WORDS: Words = {
    "site": (SITE,),
    "id": (VISITOR, "crm"),
    "visitor": (VISITOR,),
    "visitors": (VISITOR,),
    "kind": ("message", "note"),
    "Person.kind": ("visitor", "visitor", "agent", "integration"),
    "country": ("ES", ""),
    "status": ("open", "pending", "closed", "waiting", "online", "away", ""),
    "priority": ("low", "high", ""),
    "text": (MARK + "text", "Hello " + MARK),
    "cursor": ("",),
    "PollRequest.cursor": (0, 1, 40),
    # A longer wait would end at the deadline.
    "wait_ms": (0, 1),
    "url": ("https://shop.test/" + MARK,),
    "email": (MARK + "@shop.test",),
    "gateway": ("fuzz",),
}


class Call(NamedTuple):
    """A method of a service, and the bytes that are sent to it."""

    service: str
    method: MethodDescriptor
    body: bytes


METHODS = [
    (service, method)
    for service, contracts in CONTRACTS.items()
    for contract in contracts
    for declared in contract.DESCRIPTOR.services_by_name.values()
    for method in declared.methods
]


# --- the grammar


@st.composite
def calls(draw: st.DrawFn, words: Words) -> Call:
    """A call of any method; its message is right, has some bytes changed, or is nothing but bytes."""
    service, method = draw(st.sampled_from(METHODS))
    message = filled(draw, words, message_factory.GetMessageClass(method.input_type)(), 4)
    if draw(st.integers(0, 9)):
        # Else it ends at the gate every time.
        setattr(message, "site", SITE)  # noqa: B010 - every request has it, and no type says so
    body = message.SerializeToString()
    return Call(service, method, bent(draw, body))


# --- the test


@pytest.fixture
async def fuzzed(running: Running) -> Running:
    await make_site(running, EMAIL)
    return running


def test_any_message_to_any_method_gets_an_answer_or_a_code(fuzzed: Running) -> None:
    tokens: dict[str, str] = json.loads((fuzzed.home / "state/tokens.json").read_text())
    channels = {service: grpc.insecure_channel(fuzzed.grpc(service)) for service in CONTRACTS}
    try:
        words = {**WORDS, **_things(channels, tokens["gateway"])}
        with nothing_breaks(fuzzed, lambda: list(tokens.values())):
            for_a_while(_run(channels, words, [tokens["gateway"], tokens["integration"], "nobody's"]))
            still_answers(fuzzed)
    finally:
        for channel in channels.values():
            channel.close()


def _things(channels: dict[str, grpc.Channel], token: str) -> Words:
    """Ids of what is there: a conversation and a ticket."""
    metadata = (("authorization", f"Bearer {token}"),)
    vera = chat_pb2.Person(kind="visitor", id=VISITOR, name="Vera")
    start = chat_pb2.StartRequest(site=SITE, visitor=vera, by=vera)
    talk = chat_pb2_grpc.ChatServiceStub(channels["chat"]).Start(start, timeout=DEADLINE_S, metadata=metadata)
    by = tickets_pb2.Person(kind="integration", id="crm")
    create = tickets_pb2.CreateTicketRequest(site=SITE, client_id=VISITOR, subject="Broken", priority="high", by=by)
    made = tickets_pb2_grpc.TicketsServiceStub(channels["tickets"]).CreateTicket(
        create, timeout=DEADLINE_S, metadata=metadata
    )
    return {"conversation": (talk.conversation.conversation,), "ticket": (made.ticket.ticket,)}


def _run(channels: dict[str, grpc.Channel], words: Words, tokens: list[str]) -> Callable[[], None]:
    @A_RUN
    @given(calls(words), st.sampled_from((*[tokens[0]] * 6, *tokens)))
    def run(call: Call, token: str) -> None:
        path = f"/{call.method.containing_service.full_name}/{call.method.name}"
        ask: Callable[..., bytes] = channels[call.service].unary_unary(
            path, request_serializer=None, response_deserializer=None
        )
        try:
            ask(call.body, timeout=DEADLINE_S, metadata=(("authorization", f"Bearer {token}"),))
        except grpc.RpcError as error:
            _check(error)

    return run


def _check(error: Any) -> None:
    """Refused on purpose, in words that repeat nothing of what was written."""
    code = dict(error.trailing_metadata() or ()).get(CODE_KEY)
    assert (code, error.code()) in KNOWN or (code is None and error.code() in OF_THE_LIBRARY), error
    assert error.details(), error
    assert MARK not in error.details(), error
