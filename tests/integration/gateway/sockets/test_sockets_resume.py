"""Resume by cursor, however long the client was offline (requirement I-3), and only of the peer's conversations (I-18)."""

import pytest

from tests.integration.gateway.sockets.running import Stack

pytestmark = pytest.mark.slow


async def test_a_resume_sends_exactly_the_entries_after_the_cursor(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.agent(cookie) as ana:
        async with demo.gateway.visitor(token) as vera:
            conversation = (await vera.send("One"))["conversation"]
            await ana.send_frame("accept", ref="1", conversation=conversation)
            await vera.entry(seq=3)
        for text in ("Two", "Three"):
            await ana.send(text, conversation)
        cursors = [{"conversation": conversation, "epoch": 1, "seq": 3}]
        async with demo.gateway.visitor(token, cursors) as back:
            await back.entry(seq=5)
            await ana.send("Four", conversation)
            await back.entry(seq=6)
            assert [frame["seq"] for frame in back.all("entry")] == [4, 5, 6]
            (state,) = back.all("welcome")[0]["conversations"]
            assert (state["head"], state["status"], state["assignee"]["name"]) == (5, "active", "Ana")


async def test_a_resume_over_more_than_a_page_ends_with_stale(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.agent(cookie) as ana:
        async with demo.gateway.visitor(token) as vera:
            conversation = (await vera.send("One"))["conversation"]
        await ana.send_frame("accept", ref="1", conversation=conversation)
        await ana.next("reply")
        for _ in range(120):
            await ana.send("x", conversation)
    async with demo.gateway.visitor(token, [{"conversation": conversation, "epoch": 1, "seq": 2}]) as back:
        stale = await back.next("stale")
        assert stale == {"type": "stale", "conversation": conversation, "head": 123}
        assert [frame["seq"] for frame in back.all("entry")] == list(range(3, 103))
        await back.send_frame("fetch", ref="f", conversation=conversation, epoch=1, after=102, limit=100)
        page = await back.next("entries")
        assert [item["seq"] for item in page["items"]] == list(range(103, 124))
        assert page["more"] is False


async def test_a_copy_of_another_epoch_is_reset(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        conversation = (await vera.send("One"))["conversation"]
    async with demo.gateway.visitor(token, [{"conversation": conversation, "epoch": 7, "seq": 40}]) as back:
        assert await back.next("reset") == {"type": "reset", "conversation": conversation, "epoch": 1, "head": 2}
        await back.send_frame("fetch", ref="f", conversation=conversation, epoch=7, after=40, limit=100)
        await back.next("reset")
        assert (await back.next("entries"))["epoch"] == 1


async def test_cursors_of_foreign_conversations_are_ignored(demo: Stack) -> None:
    """Requirement I-18: in a hello and in a ping, whether the conversation exists or not."""
    token, _ = await demo.gateway.new_visitor()
    stranger, _ = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        conversation = (await vera.send("Mine"))["conversation"]
        cursors = [{"conversation": wanted, "epoch": 1, "seq": 0} for wanted in (conversation, "0" * 32)]
        async with demo.gateway.visitor(stranger, cursors) as eve:
            await eve.send_frame("ping", cursors=cursors)
            assert (await eve.next("pong"))["heads"] == []
            await vera.send("Still mine", conversation)
            await eve.send_frame("ping", cursors=cursors)
            assert (await eve.next("pong"))["heads"] == []
            assert conversation not in str(eve.frames)


async def test_a_pong_has_the_heads_that_are_ahead(demo: Stack) -> None:
    token, _ = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        ack = await vera.send("Hello")
        conversation = ack["conversation"]
        await vera.send_frame("ping", cursors=[{"conversation": conversation, "seq": 1}])
        assert (await vera.next("pong"))["heads"] == [{"conversation": conversation, "epoch": 1, "head": 2}]
        await vera.send_frame("ping", cursors=[{"conversation": conversation, "seq": 2}])
        assert (await vera.next("pong"))["heads"] == []


async def test_entries_written_during_a_resume_arrive_once_and_in_order(demo: Stack) -> None:
    """Ten connections open while the agent writes without a pause: each gets every entry once."""
    token, _ = await demo.gateway.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.agent(cookie) as ana:
        async with demo.gateway.visitor(token) as vera:
            conversation = (await vera.send("One"))["conversation"]
        await ana.send_frame("accept", ref="1", conversation=conversation)
        await ana.next("reply")
        for _ in range(10):
            head = (await ana.send("before", conversation))["seq"]
            for text in ("during", "during"):
                await ana.send_frame(
                    "send", client_id=f"{head}-{text}-{len(ana.frames)}", conversation=conversation, text=text
                )
            cursor = {"conversation": conversation, "epoch": 1, "seq": head - 1}
            async with demo.gateway.visitor(token, [cursor]) as back:
                last = (await ana.send("after", conversation))["seq"]
                await back.entry(seq=last)
                seqs = [frame["seq"] for frame in back.all("entry")]
                assert seqs == list(range(head, last + 1))
