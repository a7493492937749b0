"""One example of each websocket frame, for docs/asyncapi.yaml.

Frames of clients are JSON as a client writes it, and a test decodes them as the gateway does. Frames of the server are structs,
encoded as the gateway encodes them.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from kit.codes import Code
from kit.entry_json import AuthorJson, EntryJson
from services.gateway.connection import frames
from services.gateway.connection.frame_codec import encode
from services.gateway.http.openapi import Json

CHAT = "019c1f6a8e0070008d3a5c1b2e4f6071"
VISITOR = "019c1f6a70007000a1b2c3d4e5f60718"
AGENT = "019c1f0000007000b1c2d3e4f5061728"
CLIENT_ID = "5f0e6d2c-9a41-4c0e-8f57-3b1d2a6c7e90"
REF = "42"
AT = "2026-02-02T09:30:00.123Z"

FROM_CLIENTS: Mapping[type[frames.ClientFrame], Json] = {
    frames.Hello: {
        "token": "the token of POST /api/v1/visitor/session",
        "client": "widget",
        "page": {"url": "https://shop.example/bowl", "title": "Bowl", "referrer": "", "front": True},
        "cursors": [{"conversation": CHAT, "seq": 3, "epoch": 1}],
    },
    frames.Send: {"client_id": CLIENT_ID, "text": "Where is my parcel?", "conversation": None},
    frames.Fetch: {"ref": REF, "conversation": CHAT, "after": 3, "epoch": 1, "limit": 100},
    frames.Read: {"conversation": CHAT, "seq": 4},
    frames.Typing: {"conversation": CHAT},
    frames.Ping: {"cursors": [{"conversation": CHAT, "seq": 4, "epoch": 1}]},
    frames.PageView: {"url": "https://shop.example/cart", "title": "Cart", "referrer": "https://shop.example/bowl"},
    frames.End: {"ref": REF, "conversation": CHAT},
    frames.Profile: {"name": "Vera", "email": "vera@example.com"},
    frames.Fields: {"fields": [{"key": "plan", "value": "Pro"}, {"key": "cart", "value": ""}]},
    frames.Note: {"client_id": CLIENT_ID, "text": "Has an open order.", "conversation": CHAT},
    frames.WatchVisitors: {"limit": 50, "sort": "since", "descending": True, "filter": {"country": "ES"}},
    frames.StartChat: {"ref": REF, "visitor": VISITOR},
    frames.Accept: {"ref": REF, "conversation": CHAT},
    frames.Release: {"ref": REF, "conversation": CHAT},
    frames.TakeOver: {"ref": REF, "conversation": CHAT},
    frames.CloseChat: {"ref": REF, "conversation": CHAT},
    frames.Follow: {"ref": REF, "conversation": CHAT},
    frames.NameVisitors: {"visitors": [VISITOR]},
    frames.Unfollow: {"ref": REF, "conversation": CHAT},
    frames.Status: {"status": "away"},
}

_VERA = AuthorJson("visitor", VISITOR, "Vera")
_STATE = frames.ConversationState(
    conversation=CHAT,
    epoch=1,
    head=4,
    status="active",
    visitor=frames.Person(VISITOR, "Vera"),
    assignee=frames.Person(AGENT, "Ana"),
    started_by="visitor",
    started_at=AT,
    ended_at=None,
)
_WAITING = msgspec.structs.replace(_STATE, head=2, status="waiting", assignee=None, preview="Where is my parcel?")
_ENTRY = EntryJson(
    conversation=CHAT,
    epoch=1,
    seq=2,
    kind="message",
    author=_VERA,
    client_id=CLIENT_ID,
    text="Where is my parcel?",
    at=AT,
)
_ROW = msgspec.Raw(
    encode(
        frames.VisitorRow(
            visitor=VISITOR,
            name="Vera",
            state="chatting",
            region="Spain",
            country="ES",
            page=frames.VisitedPage("https://shop.example/bowl", "Bowl", AT),
            visits=2,
            chats=1,
            since=AT,
            device="Desktop",
            browser="Firefox",
            os="Linux",
        )
    )
)
_SERVER: tuple[frames.ServerFrame, ...] = (
    frames.Welcome(
        connection="019c1f6a9000700091a2b3c4d5e6f708",
        me=frames.Peer("visitor", VISITOR, "Vera"),
        heartbeat_ms=20_000,
        limits=frames.Limits(text=4000, frame=frames.FRAME_LIMIT, fetch=frames.FETCH_LIMIT),
        server_time=AT,
        conversations=[msgspec.structs.replace(_STATE, reads=[frames.ReadMark(_VERA, 4)])],
    ),
    frames.Ack(CLIENT_ID, CHAT, 1, 2, AT, duplicate=False),
    frames.Nack(CLIENT_ID, Code.CLOSED, "The conversation has ended.", None),
    _ENTRY,
    frames.Entries(REF, CHAT, 1, [_ENTRY], 4, more=True),
    frames.Stale(CHAT, 250),
    frames.Reset(CHAT, 2, 3),
    frames.ReadUpdate(CHAT, 4, _VERA),
    frames.TypingNotice(CHAT, _VERA),
    frames.Pong([frames.Head(CHAT, 1, 5)], AT),
    frames.Drain(15_000),
    frames.FrameError(Code.TOO_FAST, "Too many frames.", REF, 1500),
    frames.Reply(ref=REF, ok=True, **msgspec.structs.asdict(_STATE)),
    frames.SiteAvailability(online=True, queue_position=2),
    frames.Visitors(1, 7, 1, [_ROW]),
    frames.VisitorsChanged(1, 7, 2, [_ROW], [], [VISITOR]),
    frames.ChatStarted(REF, CHAT, resumed=False),
    frames.Queue(1, [_WAITING]),
    frames.ConversationChanged(**msgspec.structs.asdict(_STATE), last_line="On its way.", unanswered_since=AT),
    frames.SiteSettingsChanged(enabled=True, version=4),
    frames.ServicesAway(["tickets"]),
    frames.VisitorNames([frames.Person(VISITOR, "Vera")]),
)


def example(frame: Any) -> Json:
    """The example of one frame struct; stops the generator when it has none."""
    if frame in FROM_CLIENTS:
        return {"type": frame.__struct_config__.tag, **FROM_CLIENTS[frame]}
    sent = [one for one in _SERVER if type(one) is frame]
    if not sent:
        raise SystemExit(f"tools/frame_examples.py has no example of {frame.__name__}: add one.")
    found: Json = json.loads(encode(sent[0]))
    return found
