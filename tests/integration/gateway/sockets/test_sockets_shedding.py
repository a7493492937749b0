"""Under too much load new chats wait with their visitors, and running ones notice nothing (F9)."""

from kit.ids import new_id
from services.gateway.overload.load_shedding import BUSY_LAG_MS, BUSY_SAMPLES, CALM_LAG_MS, CALM_SAMPLES, Shed
from tests.integration.gateway.sockets.running import Town
from tests.support.eventually import eventually


def look(town: Town, lag_ms: int, looks: int) -> None:
    """The machine under it is told what a busy one sees; the real looks in between change little."""
    for _ in range(looks):
        town.door.gateway.overload_monitor.sample(lag_ms)


async def test_new_chats_wait_while_running_ones_go_on(demo: Town) -> None:
    """A visitor without a chat hears that nobody is there and is told when to come back; the others hear and write as ever."""
    cookie = await demo.sign_in("Ana")
    talking, _ = await demo.door.new_visitor()
    coming, _ = await demo.door.new_visitor()
    async with (
        demo.door.agent(cookie) as ana,
        demo.door.visitor(talking) as vera,
        demo.door.visitor(coming) as nora,
    ):
        await nora.next("site", lambda frame: frame["online"])
        conversation = (await vera.send("Hello"))["conversation"]
        await ana.say("accept", ref="1", conversation=conversation)
        await vera.entry(kind="assigned")

        look(demo, BUSY_LAG_MS, BUSY_SAMPLES * Shed.NEW_CHATS)
        await nora.next("site", lambda frame: not frame["online"])
        client_id = new_id()
        await nora.say("send", client_id=client_id, conversation=None, text="Anybody?")
        nack = await nora.next("nack")
        assert (nack["code"], nack["client_id"]) == ("overloaded", client_id)
        assert nack["retry_ms"] > 0
        assert (await vera.send("Still there?"))["conversation"] == conversation
        assert (await ana.send("Yes.", conversation))["conversation"] == conversation
        assert vera.all("site")[-1]["online"]

        look(demo, CALM_LAG_MS, CALM_SAMPLES * Shed.NEW_CHATS)
        await nora.next("site", lambda frame: frame["online"])
        assert (await nora.send("Anybody?", client_id=client_id))["seq"] == 2


async def test_live_activity_stands_still_and_comes_back(demo: Town) -> None:
    """Agents are told no changes of who is there, however many there are; whoever asks gets what is, and afterwards changes come again."""
    cookie = await demo.sign_in("Ana")
    window = {"sort": "since", "descending": True, "filter": {}, "offset": 0, "limit": 50}
    async with demo.door.agent(cookie) as ana:
        await ana.say("watch_visitors", **window)
        await ana.next("visitors")
        look(demo, BUSY_LAG_MS, BUSY_SAMPLES * Shed.VISITOR_ACTIVITY)
        token, visitor = await demo.door.new_visitor()
        async with demo.door.visitor(token):

            async def is_listed() -> bool:
                await ana.say("watch_visitors", **window)
                return [row["visitor"] for row in (await ana.next("visitors"))["rows"]] == [visitor]

            await eventually(is_listed)
            assert not ana.all("visitors_changed")
            look(demo, CALM_LAG_MS, CALM_SAMPLES * Shed.VISITOR_ACTIVITY)
        await ana.next("visitors_changed", lambda frame: visitor in frame["remove"], seconds=30)
