"""One message results in one trace over all services, the database and the bus."""

from collections.abc import Iterator

import pytest

from tests.support.eventually import eventually
from tests.support.people import agent_at, visitor_at
from tests.support.running import Running
from tests.support.stack import Stack
from tests.system.collector import Collector, Span, collecting

SECRET = "my card is 4111 1111"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture(scope="module")
def traced(collector: Collector, vhost_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack with one process of each service that exports every trace. It uses the run's broker, whose start is expensive."""
    env = {"PALIQUE_TRACES_URL": collector.url, "PALIQUE_TRACES_SHARE": "1", "PALIQUE_AMQP_URL": vhost_url}
    stack = Stack(tmp_path_factory.mktemp("palique"), env)
    stack.start()
    try:
        yield Running(stack.home)
    finally:
        stack.stop()


async def test_a_message_is_one_trace_from_gateway_to_database_and_over_the_bus_back(
    traced: Running, collector: Collector
) -> None:
    async with visitor_at(traced, 0) as visitor, agent_at(traced, 0, "agent@palique.test") as agent:
        first = await visitor.client.send("Hello", None)
        assert (await agent.client.ask("accept", conversation=first["conversation"]))["ok"]
        await visitor.client.send(SECRET, first["conversation"])
        await agent.client.caught_up(first["conversation"], ["Hello", SECRET])

    def whole() -> bool:
        return any(
            {"palique_chat.insert", "publish palique.live"} <= {span.name for span in _below(collector, call)}
            and any(span.service == "palique-gateway" for span in _below(collector, call))
            for call in _named(collector, "palique-gateway", "/palique.chat.v1.ChatService/Append")
        )

    await eventually(whole)


async def test_a_fact_leads_on_into_the_services_that_act_on_it(traced: Running, collector: Collector) -> None:
    async with visitor_at(traced, 0) as visitor, agent_at(traced, 0, "agent@palique.test") as agent:
        first = await visitor.client.send("Hello", None)
        assert (await agent.client.ask("accept", conversation=first["conversation"]))["ok"]
        assert (await agent.client.ask("close", conversation=first["conversation"]))["ok"]

    def acted() -> bool:
        taken = _named(collector, "palique-presence", "take palique.events")
        return any("publish palique.events" in {above.name for above in collector.above(span)} for span in taken)

    await eventually(acted)


def test_no_trace_contains_messages_or_credentials(collector: Collector) -> None:
    """I-19; runs after the others, on what they made."""
    told = "".join(name + value for span in collector.spans for name, value in span.attributes.items())
    assert "palique_chat" in told
    assert SECRET not in told
    assert "Bearer" not in told


def _named(collector: Collector, service: str, name: str) -> list[Span]:
    return [span for span in collector.spans if (span.service, span.name) == (service, name)]


def _below(collector: Collector, root: Span) -> list[Span]:
    return [span for span in collector.spans if root in collector.above(span)]
