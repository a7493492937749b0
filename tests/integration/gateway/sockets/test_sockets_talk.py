"""A conversation of a visitor and an agent over real websockets, chat and broker."""

from tests.integration.gateway.sockets.running import Stack


async def test_visitor_and_agent_talk(demo: Stack) -> None:
    """The visitor writes, the agent sees the queue and accepts, and both get the same log in the same order."""
    token, visitor = await demo.gateway.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.visitor(token) as vera, demo.gateway.agent(cookie) as ana:
        ack = await vera.send("Hello?")
        assert (ack["seq"], ack["epoch"], ack["duplicate"]) == (2, 1, False)
        conversation = ack["conversation"]
        queue = await ana.next("queue", lambda frame: frame["offers"] and "preview" in frame["offers"][0])
        assert queue["waiting"] == 1
        assert queue["offers"][0]["preview"] == "Hello?"
        assert queue["offers"][0]["conversation"] == conversation
        assert queue["offers"][0]["visitor"]["id"] == visitor

        await ana.send_frame("accept", ref="1", conversation=conversation)
        reply = await ana.next("reply")
        assert reply["ok"]
        assert reply["assignee"]["name"] == "Ana"
        assert "preview" not in reply
        await vera.entry(conversation=conversation, kind="assigned")

        answer = await ana.send("Hello, Vera.", conversation)
        entry = await vera.entry(kind="message")
        assert (entry["seq"], entry["text"]) == (answer["seq"], "Hello, Vera.")
        assert entry["author"] == {"kind": "agent", "id": demo.agents["Ana"].id, "name": "Ana"}

        ack = await vera.send("Thanks", conversation)
        assert (await ana.entry(kind="message"))["seq"] == ack["seq"]
        # The sending connection gets the acknowledgement instead of the entry.
        assert not [entry for entry in vera.all("entry") if entry.get("text") == "Thanks"]

        await vera.send_frame("fetch", ref="a", conversation=conversation, epoch=1, after=0, limit=100)
        page = await vera.next("entries")
        assert [item["seq"] for item in page["items"]] == list(range(1, page["head"] + 1))
        assert [item["kind"] for item in page["items"]] == ["opened", "message", "assigned", "message", "message"]
