"""Every method of chat acts for the speaker that the caller may name, and shows readers what they may see."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

import pytest
import structlog
from palique.chat.v1 import chat_pb2, routing_pb2
from prometheus_client import CollectorRegistry

from kit.codes import Code, Refused
from kit.failpoints import Failpoints
from kit.rpc import auth
from kit.rpc.auth import Caller
from services.chat.app.queries import ConversationQueries
from services.chat.app.read_marks import ReadMarks
from services.chat.app.state_cache import StateCache
from services.chat.domain.commands import (
    Command,
)
from services.chat.domain.log import Entry, Person, State
from services.chat.ports import ConversationRecord, ConversationStore, Hints, ReadMark, SearchIndex
from services.chat.rpc import ChatServicer, RoutingServicer
from tests.unit.chat.talks import ANA, CRM, SITE, STRANGER, VERA, reserved
from tests.unit.chat.waiting_chat import GATEWAY, SITES_CRM, waiting


class Recorder:
    """In place of all use cases: keeps the arguments of each call and refuses it."""

    def __init__(self) -> None:
        self.people: list[Person] = []

    def __getattr__(self, name: str) -> Callable[..., Coroutine[object, object, None]]:
        async def called(*args: object, **_: object) -> None:
            self._keep(args)
            raise Refused(Code.UNAVAILABLE, "recorded")

        return called

    def _keep(self, value: object) -> None:
        if isinstance(value, Person):
            self.people.append(value)
        elif isinstance(value, Command):
            self.people.append(value.by)
        elif isinstance(value, tuple | list):
            for item in value:
                self._keep(item)


ANA_PB = chat_pb2.Person(kind="agent", id="ana", name="Ana")
VERA_PB = chat_pb2.Person(kind="visitor", id="vera", name="Vera")
ITEM = chat_pb2.AppendItem(conversation="c" * 32, author=ANA_PB, kind="message", client_id="1", text="Hello")
CALLS: Mapping[str, object] = {
    "Append": chat_pb2.AppendRequest(site=SITE, items=[ITEM]),
    "Start": chat_pb2.StartRequest(site=SITE, visitor=VERA_PB, by=ANA_PB),
    "Accept": chat_pb2.AcceptRequest(site=SITE, conversation="c" * 32, agent=ANA_PB),
    "Close": chat_pb2.CloseRequest(site=SITE, conversation="c" * 32, by=ANA_PB),
    "Fetch": chat_pb2.FetchRequest(site=SITE, conversation="c" * 32, reader=ANA_PB, limit=1),
    "GetConversation": chat_pb2.GetConversationRequest(site=SITE, conversation="c" * 32, reader=ANA_PB),
    "ListConversations": chat_pb2.ListConversationsRequest(site=SITE, text="tea", reader=ANA_PB, limit=1),
    "MarkRead": chat_pb2.MarkReadRequest(
        site=SITE, items=[chat_pb2.MarkReadItem(conversation="c" * 32, reader=ANA_PB, seq=1)]
    ),
}
ROUTING_CALLS: Mapping[str, object] = {
    "Release": routing_pb2.ReleaseRequest(site=SITE, conversation="c" * 32, agent=ANA_PB, teams=True),
    "TakeOver": routing_pb2.TakeOverRequest(site=SITE, conversation="c" * 32, agent=ANA_PB, teams=True),
    "RequeueOfAgents": routing_pb2.RequeueOfAgentsRequest(site=SITE, agents=["ana"], reason="agent_lost", teams=True),
}
# No person asks for it: Palique itself is the author for its own services.
BY_PALIQUE = {"RequeueOfAgents"}
# These requests name no acting person: they are for the whole site.
WITHOUT_A_SPEAKER = {"Sync", "SetFlagged", "CountOpen"}


@pytest.mark.parametrize("method", [*CALLS, *ROUTING_CALLS])
@pytest.mark.parametrize(("caller", "speaker"), [(GATEWAY, ANA), (SITES_CRM, CRM)], ids=["ours", "a site's"])
async def test_every_method_acts_for_the_speaker(method: str, caller: Caller, speaker: Person) -> None:
    recorder = cast("Any", Recorder())
    no_failpoints = Failpoints((), registry=CollectorRegistry())
    servicer = (
        RoutingServicer(recorder, recorder)
        if method in ROUTING_CALLS
        else ChatServicer(
            recorder, recorder, recorder, log=structlog.stdlib.get_logger("test"), failpoints=no_failpoints
        )
    )
    token = auth._caller.set(caller)  # noqa: SLF001 - the interceptor sets it for a call
    try:
        with pytest.raises(Refused, match="recorded"):
            await getattr(servicer, method)({**CALLS, **ROUTING_CALLS}[method], cast("Any", None))
    finally:
        auth._caller.reset(token)  # noqa: SLF001 - as above
    author = Person("system", "palique") if method in BY_PALIQUE and caller is GATEWAY else speaker
    assert [person for person in recorder.people if person != VERA] == [author]


def test_every_method_of_the_contract_is_in_these_tests() -> None:
    methods = {method.name for method in chat_pb2.DESCRIPTOR.services_by_name["ChatService"].methods}
    assert methods == set(CALLS) | WITHOUT_A_SPEAKER
    routing = {method.name for method in routing_pb2.DESCRIPTOR.services_by_name["RoutingService"].methods}
    assert routing == set(ROUTING_CALLS)


@pytest.mark.parametrize("method", ROUTING_CALLS)
async def test_without_the_sites_setting_nothing_is_released_or_taken_over(method: str) -> None:
    recorder = Recorder()
    request = cast("Any", type(ROUTING_CALLS[method]))()
    request.CopyFrom(ROUTING_CALLS[method])
    request.teams = False
    token = auth._caller.set(GATEWAY)  # noqa: SLF001 - the interceptor sets it for a call
    try:
        with pytest.raises(Refused) as refused:
            await getattr(RoutingServicer(cast("Any", recorder), cast("Any", recorder)), method)(
                request, cast("Any", None)
            )
    finally:
        auth._caller.reset(token)  # noqa: SLF001 - as above
    assert (refused.value.code, recorder.people) == (Code.SWITCHED_OFF, [])


class OneConversation:
    """A store with one waiting conversation, for the reads of `ConversationQueries` and `ReadMarks`."""

    def __init__(self, state: State) -> None:
        self._record = ConversationRecord(state, flagged=False, reads=())
        self.marked = 0

    async def records(self, conversation_ids: Sequence[str]) -> list[ConversationRecord]:
        return [self._record] if self._record.state.id in conversation_ids else []

    async def entries_after(self, _: Mapping[str, int]) -> list[Entry]:
        return []

    async def log_page(self, *_: object) -> list[Entry]:
        return []

    async def raise_marks(self, marks: Sequence[ReadMark]) -> list[bool]:
        self.marked += len(marks)
        return [False] * len(marks)


READERS = [
    (SITE, VERA, True),
    (SITE, STRANGER, False),
    (SITE, ANA, True),
    ("other", ANA, False),
    ("other", VERA, False),
]


@pytest.mark.parametrize(("site", "reader", "allowed"), READERS)
@pytest.mark.parametrize("begun", [True, False], ids=["begun", "reserved"])
@pytest.mark.parametrize("what", ["fetch", "conversation", "mark"])
async def test_readers_get_what_they_may_see(what: str, begun: bool, site: str, reader: Person, allowed: bool) -> None:
    """A reserved conversation, without its first entry, exists for no reader."""
    state = waiting() if begun else reserved()
    store = OneConversation(state)
    port = cast("ConversationStore", store)
    cache = StateCache(port)
    queries = ConversationQueries(port, cast("SearchIndex", None), cache)
    marks = ReadMarks(port, cache, cast("Hints", None))
    calls: Mapping[str, Callable[[], Coroutine[object, object, object]]] = {
        "fetch": lambda: queries.fetch(site, state.id, reader, 0, 10),
        "conversation": lambda: queries.conversation(site, state.id, reader),
        "mark": lambda: marks.raise_mark(site, ReadMark(state.id, reader, 1)),
    }
    running = [asyncio.create_task(part.run()) for part in (cache, marks)]
    try:
        refused = None
        try:
            await calls[what]()
        except Refused as error:
            refused = error.code
        assert refused == (None if allowed and begun else Code.NOT_FOUND)
        assert store.marked == (what == "mark" and allowed and begun)
    finally:
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
