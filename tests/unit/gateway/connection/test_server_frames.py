"""Every frame of the server as JSON, byte for byte: clients depend on the names and values, and caches on the order."""

from typing import get_args

import msgspec
import pytest
from palique.chat.v1.chat_pb2 import Conversation, Entry, Person, ReadMark

from kit.codes import Code
from kit.entry_json import AuthorJson, entry_json
from services.gateway.connection import frames
from services.gateway.connection.frame_codec import (
    conversation_changed,
    conversation_reply,
    conversation_state,
    encode,
    error,
)

VERA = Person(kind="visitor", id="v1", name="Vera")
ANA = Person(kind="agent", id="ana", name="Ana")
ACTIVE = Conversation(
    conversation="c",
    epoch=1,
    head=7,
    status="active",
    visitor=VERA,
    assignee=ANA,
    started_by="visitor",
    started_at_ms=1767225600123,
    reads=[ReadMark(reader=VERA, seq=5)],
)
STATE = (
    '"conversation":"c","epoch":1,"head":7,"status":"active","visitor":{"id":"v1","name":"Vera"},'
    '"assignee":{"id":"ana","name":"Ana"},"started_by":"visitor","started_at":"2026-01-01T00:00:00.123Z","ended_at":null'
)
READS = ',"reads":[{"reader":{"kind":"visitor","id":"v1","name":"Vera"},"seq":5}]'
CLOSED = Conversation(conversation="d", epoch=2, head=3, status="closed", visitor=VERA, ended_at_ms=1767225600123)
CLOSED_STATE = (
    '"conversation":"d","epoch":2,"head":3,"status":"closed","visitor":{"id":"v1","name":"Vera"},"assignee":null,'
    '"started_by":"","started_at":"1970-01-01T00:00:00.000Z","ended_at":"2026-01-01T00:00:00.123Z"'
)
WAITING = Conversation(
    conversation="e",
    status="waiting",
    visitor=VERA,
    preview="Hello?",
    last_line="Anybody?",
    unanswered_since_ms=1767225600123,
    last_at_ms=1767225600456,
)
WAITING_STATE = (
    '"conversation":"e","epoch":0,"head":0,"status":"waiting","visitor":{"id":"v1","name":"Vera"},"assignee":null,'
    '"started_by":"","started_at":"1970-01-01T00:00:00.000Z","ended_at":null,"preview":"Hello?"'
)
WAITING_MORE = (
    '"last_line":"Anybody?","unanswered_since":"2026-01-01T00:00:00.123Z","last_at":"2026-01-01T00:00:00.456Z"'
)
ENTRY = Entry(conversation="c", epoch=1, seq=2, kind="message", author=VERA, client_id="u", text="hi", at_ms=5)
ENTRY_JSON = (
    '{"type":"entry","conversation":"c","epoch":1,"seq":2,"kind":"message",'
    '"author":{"kind":"visitor","id":"v1","name":"Vera"},"client_id":"u","text":"hi","at":"1970-01-01T00:00:00.005Z"}'
)
ROW = frames.VisitorRow(
    visitor="v1",
    name="Vera",
    state="idle",
    region="",
    country=None,
    page=frames.VisitedPage("https://shop.example/", "Shop", "1970-01-01T00:00:00.000Z"),
    visits=2,
    chats=0,
    since="1970-01-01T00:00:00.000Z",
    device="desktop",
    browser="Firefox",
    os="Linux",
)
ROW_JSON = (
    '{"visitor":"v1","name":"Vera","state":"idle","region":"","country":null,'
    '"page":{"url":"https://shop.example/","title":"Shop","at":"1970-01-01T00:00:00.000Z"},'
    '"visits":2,"chats":0,"since":"1970-01-01T00:00:00.000Z","device":"desktop","browser":"Firefox","os":"Linux"}'
)
RAW_ROW = msgspec.Raw(encode(ROW))

EXAMPLES: list[tuple[frames.ServerFrame, str]] = [
    (
        frames.Welcome(
            connection="k",
            me=frames.Peer("visitor", "v1", "Vera"),
            heartbeat_ms=20000,
            limits=frames.Limits(4000, 32768, 100),
            server_time="2026-01-01T00:00:00.123Z",
            conversations=[conversation_state(ACTIVE, reads=True)],
        ),
        (
            '{"type":"welcome","connection":"k","me":{"kind":"visitor","id":"v1","name":"Vera"},"heartbeat_ms":20000,'
            '"limits":{"text":4000,"frame":32768,"fetch":100},"server_time":"2026-01-01T00:00:00.123Z",'
            f'"conversations":[{{{STATE}{READS}}}]}}'
        ),
    ),
    (
        frames.Ack("u", "c", 1, 2, "2026-01-01T00:00:00.123Z", duplicate=False),
        '{"type":"ack","client_id":"u","conversation":"c","epoch":1,"seq":2,"at":"2026-01-01T00:00:00.123Z","duplicate":false}',
    ),
    (
        frames.Nack("u", Code.RETRY, "Again.", 1000),
        '{"type":"nack","client_id":"u","code":"retry","message":"Again.","retry_ms":1000}',
    ),
    (
        frames.Nack("u", Code.CLOSED, "Over.", None),
        '{"type":"nack","client_id":"u","code":"closed","message":"Over.","retry_ms":null}',
    ),
    (entry_json(ENTRY), ENTRY_JSON),
    (
        frames.Entries("r", "c", 1, [entry_json(ENTRY)], 7, more=True),
        f'{{"type":"entries","ref":"r","conversation":"c","epoch":1,"items":[{ENTRY_JSON}],"head":7,"more":true}}',
    ),
    (frames.Stale("c", 7), '{"type":"stale","conversation":"c","head":7}'),
    (frames.Reset("c", 2, 3), '{"type":"reset","conversation":"c","epoch":2,"head":3}'),
    (
        frames.ReadUpdate("c", 5, AuthorJson("agent", "ana")),
        '{"type":"read","conversation":"c","seq":5,"reader":{"kind":"agent","id":"ana"}}',
    ),
    (
        frames.TypingNotice("c", AuthorJson("agent", "ana", "Ana")),
        '{"type":"typing","conversation":"c","who":{"kind":"agent","id":"ana","name":"Ana"}}',
    ),
    (
        frames.Pong([], "2026-01-01T00:00:00.123Z"),
        '{"type":"pong","heads":[],"server_time":"2026-01-01T00:00:00.123Z"}',
    ),
    (
        frames.Pong([frames.Head("c", 1, 7)], ""),
        '{"type":"pong","heads":[{"conversation":"c","epoch":1,"head":7}],"server_time":""}',
    ),
    (frames.Drain(15000), '{"type":"drain","within_ms":15000}'),
    (error(Code.INVALID, "No."), '{"type":"error","code":"invalid","message":"No."}'),
    (error(Code.INVALID, "No.", "r"), '{"type":"error","code":"invalid","message":"No.","ref":"r"}'),
    (frames.SiteAvailability(online=True, queue_position=None), '{"type":"site","online":true,"queue_position":null}'),
    (frames.SiteAvailability(online=False, queue_position=3), '{"type":"site","online":false,"queue_position":3}'),
    (
        frames.Visitors(9, 10, 1, [RAW_ROW]),
        f'{{"type":"visitors","total":9,"online":10,"version":1,"rows":[{ROW_JSON}]}}',
    ),
    (
        frames.VisitorsChanged(9, 10, 2, [RAW_ROW], ["v2"], ["v1"]),
        f'{{"type":"visitors_changed","total":9,"online":10,"version":2,"upsert":[{ROW_JSON}],"remove":["v2"],"order":["v1"]}}',
    ),
    (
        frames.ChatStarted("r", "c", resumed=True),
        '{"type":"chat_started","ref":"r","conversation":"c","resumed":true}',
    ),
    (
        frames.Queue(1, [conversation_state(ACTIVE)]),
        f'{{"type":"queue","waiting":1,"offers":[{{{STATE}}}]}}',
    ),
    (conversation_changed(CLOSED), f'{{"type":"conversation",{CLOSED_STATE}}}'),
    (
        conversation_changed(WAITING),
        f'{{"type":"conversation",{WAITING_STATE},{WAITING_MORE}}}',
    ),
    (frames.SiteSettingsChanged(enabled=True, version=4), '{"type":"site_settings","enabled":true,"version":4}'),
    (
        frames.VisitorNames([frames.Person("v", "Vera")]),
        '{"type":"visitor_names","visitors":[{"id":"v","name":"Vera"}]}',
    ),
    (frames.ServicesAway(["chat"]), '{"type":"away","services":["chat"]}'),
    (conversation_reply("r", CLOSED), f'{{"type":"reply","ref":"r","ok":true,{CLOSED_STATE}}}'),
    (conversation_reply("r", ACTIVE, reads=True), f'{{"type":"reply","ref":"r","ok":true,{STATE}{READS}}}'),
    (frames.Reply(ref="r", ok=True, conversation="c"), '{"type":"reply","ref":"r","ok":true,"conversation":"c"}'),
    (
        frames.Reply(ref="r", ok=False, code=Code.NOT_FOUND, message="None."),
        '{"type":"reply","ref":"r","ok":false,"code":"not_found","message":"None."}',
    ),
]


@pytest.mark.parametrize(("frame", "text"), EXAMPLES, ids=[type(frame).__name__ for frame, _ in EXAMPLES])
def test_a_frame_is_encoded_byte_for_byte(frame: frames.ServerFrame, text: str) -> None:
    assert encode(frame).decode() == text


def test_every_frame_of_the_server_has_an_example() -> None:
    assert {type(frame) for frame, _ in EXAMPLES} == set(get_args(frames.ServerFrame))


def test_a_reply_has_the_fields_of_a_conversation_in_their_order() -> None:
    """The struct repeats them: a struct has one base."""
    state = frames.ConversationState.__struct_fields__
    assert frames.Reply.__struct_fields__ == ("ref", "ok", "code", "message", *state)


def test_only_the_frame_for_agents_has_the_last_line_the_last_time_and_the_wait_for_an_answer() -> None:
    for frame in (conversation_reply("r", WAITING), frames.Queue(1, [conversation_state(WAITING)])):
        assert f"{WAITING_STATE}}}" in encode(frame).decode()


def test_a_conversation_without_an_agent_has_no_assignee() -> None:
    assert conversation_state(CLOSED).assignee is None
