"""Notes never reach a visitor's connection (requirement I-20): live, in a page of the log, and after a reconnect."""

import json

from tests.integration.gateway.sockets.running import Stack

SECRET = "The customer asked twice."


async def test_a_note_reaches_the_visitor_as_hidden_and_its_text_nowhere(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    ana_cookie, ben_cookie = await demo.sign_in("Ana"), await demo.sign_in("Ben")
    async with demo.gateway.agent(ana_cookie) as ana, demo.gateway.agent(ben_cookie) as ben:
        async with demo.gateway.visitor(token) as vera:
            conversation = (await vera.send("Hello?"))["conversation"]
            await ana.send_frame("accept", ref="a", conversation=conversation)
            await ana.next("reply")
            accepted = await ben.next("conversation", lambda frame: frame["status"] == "active")
            assert accepted["last_line"] == "Hello?"
            assert accepted["started_at"] <= accepted["unanswered_since"]
            await ben.send_frame("follow", ref="f", conversation=conversation)
            await ben.next("reply")
            await ana.send_frame("note", client_id="note", conversation=conversation, text=SECRET)
            seq = (await ana.next("ack"))["seq"]
            assert (await ben.entry(kind="note"))["text"] == SECRET

            hidden = {"type": "entry", "conversation": conversation, "epoch": 1, "seq": seq, "kind": "hidden"}
            assert await vera.entry(seq=seq) == hidden
            await vera.send_frame("fetch", ref="p", conversation=conversation, epoch=1, after=0, limit=100)
            page = await vera.next("entries")
            assert [item for item in page["items"] if item["seq"] == seq] == [hidden]
            assert SECRET not in json.dumps(vera.frames)
            assert "last_line" not in json.dumps(vera.frames)
        cursors = [{"conversation": conversation, "epoch": 1, "seq": seq - 1}]
        async with demo.gateway.visitor(token, cursors=cursors) as vera:
            assert await vera.entry(seq=seq) == hidden
            assert "last_line" not in json.dumps(vera.frames)
            assert SECRET not in json.dumps(vera.frames)
