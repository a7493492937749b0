"""Under overload new chats are refused, and running chats are not affected (fault F9)."""

from kit.ids import new_id
from services.gateway.overload.load_shedding import BUSY_LAG_MS, BUSY_SAMPLES, CALM_LAG_MS, CALM_SAMPLES, Shed
from tests.integration.gateway.sockets.running import Stack
from tests.support.eventually import eventually


def look(stack: Stack, lag_ms: int, looks: int) -> None:
    """Feeds the overload monitor with the values of a busy process; its own measurements between change little."""
    for _ in range(looks):
        stack.gateway.process.overload_monitor.sample(lag_ms)


async def test_new_chats_are_refused_while_running_chats_go_on(demo: Stack) -> None:
    """A visitor without a chat gets `online: false` and `retry_ms`; the others receive and send as usual."""
    cookie = await demo.sign_in("Ana")
    talking, _ = await demo.gateway.new_visitor()
    coming, _ = await demo.gateway.new_visitor()
    async with (
        demo.gateway.agent(cookie) as ana,
        demo.gateway.visitor(talking) as vera,
        demo.gateway.visitor(coming) as nora,
    ):
        await nora.next("site", lambda frame: frame["online"])
        conversation = (await vera.send("Hello"))["conversation"]
        await ana.send_frame("accept", ref="1", conversation=conversation)
        await vera.entry(kind="assigned")

        look(demo, BUSY_LAG_MS, BUSY_SAMPLES * Shed.NEW_CHATS)
        await nora.next("site", lambda frame: not frame["online"])
        client_id = new_id()
        await nora.send_frame("send", client_id=client_id, conversation=None, text="Anybody?")
        nack = await nora.next("nack")
        assert (nack["code"], nack["client_id"]) == ("overloaded", client_id)
        assert nack["retry_ms"] > 0
        assert (await vera.send("Still there?"))["conversation"] == conversation
        assert (await ana.send("Yes.", conversation))["conversation"] == conversation
        assert vera.all("site")[-1]["online"]

        look(demo, CALM_LAG_MS, CALM_SAMPLES * Shed.NEW_CHATS)
        await nora.next("site", lambda frame: frame["online"])
        assert (await nora.send("Anybody?", client_id=client_id))["seq"] == 2


async def test_updates_of_the_visitor_list_pause_and_resume(demo: Stack) -> None:
    """Agents get no changes of the list meanwhile; a new window is answered, and changes follow afterwards."""
    cookie = await demo.sign_in("Ana")
    window = {"sort": "since", "descending": True, "filter": {}, "offset": 0, "limit": 50}
    async with demo.gateway.agent(cookie) as ana:
        await ana.send_frame("watch_visitors", **window)
        await ana.next("visitors")
        look(demo, BUSY_LAG_MS, BUSY_SAMPLES * Shed.VISITOR_ACTIVITY)
        token, visitor = await demo.gateway.new_visitor()
        async with demo.gateway.visitor(token):

            async def is_listed() -> bool:
                await ana.send_frame("watch_visitors", **window)
                return [row["visitor"] for row in (await ana.next("visitors"))["rows"]] == [visitor]

            await eventually(is_listed)
            assert not ana.all("visitors_changed")
            look(demo, CALM_LAG_MS, CALM_SAMPLES * Shed.VISITOR_ACTIVITY)
        await demo.end_visits()
        await ana.next("visitors_changed", lambda frame: visitor in frame["remove"])
