"""Failpoints in gateway, chat and presence: a conversation passes all of them, and succeeds although some fail."""

from pathlib import Path

from kit.failpoints import STEPS
from kit.ids import new_id
from tests.integration.gateway.sockets.browser import Browser
from tests.integration.gateway.sockets.running import Stack, running_stack
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

SERVICES = ("gateway", "chat", "presence")


def asked(action: str, service: str) -> str:
    """Rules with this action at every failpoint of the service."""
    steps = [name for name, step in STEPS.items() if service in step.services]
    return ";".join(f"{name}={action}" for name in steps)


async def insist(browser: Browser, text: str, conversation: str | None) -> JsonObject:
    """Sends by the client rules of docs/protocol.md until the message is acknowledged."""
    client_id = new_id()
    while True:
        answered = len(browser.frames)
        await browser.send_frame("send", client_id=client_id, conversation=conversation, text=text)

        def answer(after: int = answered) -> JsonObject | None:
            ours = (frame for frame in browser.frames[after:] if frame.get("client_id") == client_id)
            return next((frame for frame in ours if frame["type"] in ("ack", "nack")), None)

        found = await eventually(answer)
        assert found is not None
        if found["type"] == "ack":
            return found
        assert found["retry_ms"] is not None


async def talk(demo: Stack) -> list[tuple[int, str]]:
    """The messages of a short conversation, as the agent reads them afterwards."""
    token, _ = await demo.gateway.new_visitor()
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.visitor(token) as vera, demo.gateway.agent(cookie) as ana:
        conversation = (await insist(vera, "Hello?", None))["conversation"]
        await ana.next("queue", lambda frame: frame["waiting"] == 1)
        await ana.send_frame("accept", ref="1", conversation=conversation)
        assert (await ana.next("reply"))["ok"]
        await insist(ana, "Hello, Vera.", conversation)
        await insist(vera, "Thanks", conversation)
        await ana.send_frame("fetch", ref="a", conversation=conversation, epoch=1, after=0, limit=100)
        page = await ana.next("entries", lambda frame: frame["ref"] == "a")
        return [(item["seq"], item["text"]) for item in page["items"] if item["kind"] == "message"]


async def test_a_conversation_passes_every_failpoint(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    failpoints = {service: asked("delay(1)", service) for service in SERVICES}
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, failpoints=failpoints) as demo:
        registries = {**demo.registries, "gateway": demo.gateway.registry}
        await talk(demo)

        def unreached() -> list[tuple[str, str]]:
            return [
                (service, name)
                for name, step in STEPS.items()
                for service in step.services
                if service in registries
                and not registries[service].get_sample_value(
                    "palique_failpoints_total", {"step": name, "action": "delay"}
                )
            ]

        await eventually(lambda: unreached() == [])


async def test_a_conversation_succeeds_although_failpoints_fail(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Requirements I-1, I-2: no message twice, none lost, one order."""
    failpoints = {
        "gateway": "send.before_call=errorx1;send.after_call=errorx2;hint.received=duplicate;hint.received=dropx1",
        "chat": "append.before_insert=errorx1;append.after_insert=errorx2;append.before_answer=errorx2;"
        "open.after_reserve=errorx1;hint.before_publish=errorx1;hint.publish=drop:0.3;hint.publish=duplicate:0.3;"
        "fact.before_publish=errorx1;fact.after_confirm=errorx1",
        "presence": "fact.before_effect=duplicatex1;delta.publish=drop:0.3",
    }
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, failpoints=failpoints) as demo:
        messages = await talk(demo)
    assert [text for _, text in messages] == ["Hello?", "Hello, Vera.", "Thanks"]
