"""Frames about conversations and the queue converge to the true state for an agent, with hints that are lost, duplicated and late
in any order. An overtaken hint is dropped by `HintConsumer`; the gap that it leaves causes a new read of the list.
"""

import json
from collections import Counter
from typing import NamedTuple, cast

import structlog
from hypothesis import given
from hypothesis import strategies as st
from palique.chat.v1.chat_pb2 import Conversation, Person
from prometheus_client import CollectorRegistry
from starlette.datastructures import Headers

from services.gateway.connection.connection import Connection, Dispatcher
from services.gateway.connection.frame_codec import AGENT_DECODER
from services.gateway.connection.peer import AGENT, PeerIdentity
from services.gateway.connection.protocol import ConnectionProtocol
from services.gateway.connection.token_bucket import TokenBucket
from services.gateway.connection.transport import Transport
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.metrics import Metrics
from tests.support.json_object import JsonObject

SITE = "demo"
CONVERSATIONS = tuple("abcd")


class Peer:
    """The far end of a wire that reads at once."""

    can_write = True

    def __init__(self) -> None:
        self.heard: list[JsonObject] = []

    def write(self, frame: bytes) -> None:
        self.heard.append(json.loads(frame[frame.index(b"{") :]))


class Hint(NamedTuple):
    """Of one of two chat processes, whose hints may overtake each other's."""

    publisher: str
    number: int
    state: Conversation


class World:
    """The conversations of a site as they are, and Ana's dashboard. Ben works at another gateway."""

    def __init__(self) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.hub = Hub(self.metrics)
        self.status = SiteStatus(
            self.hub, online=lambda _: True, name=lambda *_: None, load=lambda _: None, sheds=lambda _: False
        )
        self.peer = Peer()
        self.ana = PeerIdentity(AGENT, SITE, "ana", "Ana")
        self.link = self._link()
        self.truth: dict[str, Conversation] = {}
        self.hints: list[Hint] = []
        self.numbers: Counter[str] = Counter()
        self.reader = GapDetector()
        self.read: list[Conversation] | None = None
        self.reading = False

    def _link(self) -> Connection:
        machine = ConnectionProtocol(AGENT_DECODER, TokenBucket(50, 200), 0)
        # Only outbound frames matter here: no bytes arrive, so no handler is called.
        wire, desk = cast(Transport, self.peer), cast(Dispatcher, None)
        link = Connection(
            AGENT,
            "k",
            wire,
            machine,
            desk,
            Headers(),
            now=lambda: 0,
            log=structlog.stdlib.get_logger(),
            metrics=self.metrics,
        )
        machine.received(b'{"type":"hello"}', 0)
        machine.identified((TokenBucket(10, 30),), None)
        machine.resumed(0)
        self.hub.add(link, self.ana)
        return link

    def change(self, conversation: str, to: str, publisher: str) -> None:
        """One step of a conversation's life; its hint is on its way."""
        before = self.truth.get(conversation)
        after = Conversation(
            site=SITE, conversation=conversation, epoch=1, visitor=Person(kind="visitor", id=conversation)
        )
        if before is None:
            after.status = "waiting"
        elif before.status == "waiting" and to in ("ana", "ben"):
            after.assignee.CopyFrom(Person(kind="agent", id=to))
            after.status = "active"
        elif before.status != "closed":
            after.assignee.CopyFrom(before.assignee)
            after.status = "closed"
        else:
            return
        after.head = 1 if before is None else before.head + 1
        self.truth[conversation] = after
        self.numbers[publisher] += 1
        self.hints.append(Hint(publisher, self.numbers[publisher], after))

    def hear(self, hint: Hint) -> None:
        late = self.reader.is_late(hint.publisher, hint.number)
        self.reader.observe(hint.publisher, hint.number, 0)
        if not late:
            self.status.update(hint.state)

    def beat(self) -> None:
        """Each process says one thing more, which overtakes what is still on its way."""
        for publisher in self.numbers:
            self.numbers[publisher] += 1
            self.reader.observe(publisher, self.numbers[publisher], 0)

    def list_now(self) -> list[Conversation]:
        """The answer of chat to a gateway: waiting conversations, and open conversations of connected agents."""
        open_here = [state for state in self.truth.values() if state.assignee.id == "ana" and state.status == "active"]
        return open_here + [state for state in self.truth.values() if state.status == "waiting"]

    def happen(self, what: str, some: int) -> None:
        if what == "begin" and not self.reading:
            self.reading = True
            self.status.begin_sync(SITE)
        elif what == "read" and self.reading:
            self.read = self.list_now()
        elif what == "answer" and self.read is not None:
            self.answered(self.read)
        elif what in ("hear", "hear twice", "lose") and self.hints:
            hint = self.hints[some % len(self.hints)]
            if what != "hear twice":
                self.hints.remove(hint)
            if what != "lose":
                self.hear(hint)
        elif what in ("ana", "ben", "end"):
            self.change(CONVERSATIONS[some % len(CONVERSATIONS)], what, "chat-1" if some < 6 else "chat-2")

    def answered(self, found: list[Conversation]) -> None:
        """The states of those that left the lists are asked for one by one."""
        self.reading, self.read = False, None
        waiting = [state for state in found if state.status == "waiting"]
        for vanished in self.status.apply_sync(SITE, [state for state in found if state.status == "active"], waiting):
            self.status.update(self.truth[vanished])


# Long courses, since what goes wrong takes several steps.
WHAT = ("ana", "ana", "ben", "end", "begin", "read", "answer", "hear", "hear", "hear twice", "lose", "lose")


@given(st.lists(st.tuples(st.sampled_from(WHAT), st.integers(0, 11)), min_size=40, max_size=80), st.booleans())
def test_lists_and_hints_in_any_order(events: list[tuple[str, int]], late: bool) -> None:
    world = World()
    for what, some in events:
        world.happen(what, some)
    # Hints were lost, so with the next number the gateway asks once more; what is still on its way comes before or after.
    if not late:
        for hint in world.hints:
            world.hear(hint)
        world.hints.clear()
    world.beat()
    world.status.begin_sync(SITE)
    world.answered(world.list_now())
    for hint in world.hints:
        world.hear(hint)
    world.status.welcome(world.link, world.ana)

    told: dict[str, JsonObject] = {}
    for frame in world.peer.heard:
        if frame["type"] == "conversation":
            assert frame["head"] > told.get(frame["conversation"], {"head": 0})["head"], "an older state after a newer"
            told[frame["conversation"]] = frame
    queue = world.peer.heard[-1]
    assert queue["type"] == "queue"
    waiting = {conversation for conversation, state in world.truth.items() if state.status == "waiting"}
    assert {offer["conversation"] for offer in queue["offers"]} == waiting
    assert queue["waiting"] == len(waiting)
    assert {conversation for conversation, frame in told.items() if frame["status"] == "waiting"} == waiting
    hers = {key for key, frame in told.items() if frame["status"] == "active" and frame["assignee"]["id"] == "ana"}
    assert hers == {state.conversation for state in world.list_now() if state.status == "active"}


def test_the_frame_of_a_waiting_conversation_is_sent_again_with_its_first_line_and_not_for_later_messages() -> None:
    world = World()
    state = Conversation(site=SITE, conversation="a", epoch=1, head=1, status="waiting", visitor=Person(id="a"))
    for head, line in enumerate(("", "Hello?", "Hello?"), 1):
        state.head, state.preview = head, line
        world.status.update(state)
    told = [frame.get("preview") for frame in world.peer.heard if frame["type"] == "conversation"]
    assert told == [None, "Hello?"]
