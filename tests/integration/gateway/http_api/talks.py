"""Creates visitors and chats by the services' RPCs, as the sockets do."""

from palique.chat.v1 import chat_pb2
from palique.presence.v1 import presence_pb2

from kit.ids import new_id, now_ms
from tests.integration.gateway.http_api.http_side import HttpSide


async def choose_status(side: HttpSide, agent: str, status: str) -> None:
    """An agent connects and chooses a status."""
    socket = new_id()
    came = presence_pb2.AgentConnected(name="Ana")
    chose = presence_pb2.AgentChoseStatus(status=status)
    events = [
        presence_pb2.SocketEvent(person=agent, connection=socket, at_ms=now_ms(), agent_connected=came),
        presence_pb2.SocketEvent(person=agent, connection=socket, at_ms=now_ms(), agent_chose_status=chose),
    ]
    report = presence_pb2.ReportRequest(site="shop", gateway="g1", events=events)
    await side.backends.presence.call(lambda stub: stub.Report, report)


async def visit(side: HttpSide, site: str = "shop") -> str:
    """A visitor opens two pages; returns the visitor's id."""
    visitor = new_id()
    origin = presence_pb2.Origin(
        ip="217.12.24.33",
        country="ES",
        region="Spain",
        user_agent="Mozilla/5.0",
        browser="Firefox",
        os="Windows",
        device="Desktop",
    )
    pages = [
        presence_pb2.Page(url=f"https://shop.example/{name}", title=name.title(), referrer=referrer)
        for name, referrer in (("teapot", "https://search.example"), ("cart", ""))
    ]
    connected = presence_pb2.VisitorConnected(page=pages[0], origin=origin)
    navigated = presence_pb2.VisitorNavigated(page=pages[1])
    tab = new_id()
    events = [
        presence_pb2.SocketEvent(person=visitor, connection=tab, at_ms=now_ms() - 1000, visitor_connected=connected),
        presence_pb2.SocketEvent(person=visitor, connection=tab, at_ms=now_ms(), visitor_navigated=navigated),
    ]
    report = presence_pb2.ReportRequest(site=site, gateway="g1", events=events)
    await side.backends.presence.call(lambda stub: stub.Report, report)
    return visitor


async def say(
    side: HttpSide, texts: list[str], *, site: str = "shop", visitor: str | None = None, kind: str = "message"
) -> str:
    """A visitor writes messages; returns the conversation's id."""
    author = chat_pb2.Person(kind="visitor", id=visitor or new_id(), name="Visitor 4F2A")
    conversation = ""
    for text in texts:
        item = chat_pb2.AppendItem(
            conversation=conversation,
            author=author,
            kind=kind,
            client_id=new_id(),
            text=text,
            country="ES",
            region="Spain",
        )
        request = chat_pb2.AppendRequest(site=site, items=[item])
        (result,) = (await side.backends.chat.call(lambda stub: stub.Append, request)).results
        assert not result.code, result.message
        conversation = result.conversation
    return conversation


async def note(side: HttpSide, conversation: str, agent: str, text: str) -> None:
    author = chat_pb2.Person(kind="agent", id=agent, name="Ana")
    item = chat_pb2.AppendItem(conversation=conversation, author=author, kind="note", client_id=new_id(), text=text)
    request = chat_pb2.AppendRequest(site="shop", items=[item])
    (result,) = (await side.backends.chat.call(lambda stub: stub.Append, request)).results
    assert not result.code, result.message


async def take(side: HttpSide, conversation: str, agent: str) -> None:
    """The agent accepts the conversation."""
    request = chat_pb2.AcceptRequest(
        site="shop", conversation=conversation, agent=chat_pb2.Person(kind="agent", id=agent, name="Ana")
    )
    await side.backends.chat.call(lambda stub: stub.Accept, request)


async def close(side: HttpSide, conversation: str, site: str = "shop") -> None:
    by = chat_pb2.Person(kind="agent", id="a", name="Ana")
    request = chat_pb2.CloseRequest(site=site, conversation=conversation, by=by, any_assignee=True)
    await side.backends.chat.call(lambda stub: stub.Close, request)
