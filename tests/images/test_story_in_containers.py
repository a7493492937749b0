"""The first story on the images: certificates between services, least rights in RabbitMQ, read-only file system (issue 6)."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pymongo import MongoClient

from devstack.mongodb import drop_databases
from devstack.rabbitmq import PrivateRabbit
from kit.mongo import Document
from tests.images.installation import Process, installed
from tests.support.people import Agent, Visitor, talk
from tests.support.protocol_client import Browser

PASSWORD = "correct horse battery"
PREFIX = "palique-story"


@pytest.fixture(scope="module")
def processes(
    program: str, broker: PrivateRabbit, mongodb_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Process]]:
    """One process of each service, with a site and an agent."""
    with installed(program, broker, mongodb_url, tmp_path_factory.mktemp("containers"), PREFIX, {}) as found:
        gateway = found["gateway-1"].container
        gateway.palique("create-site", "shop", "--name", "The shop", "--origin", "loopback")
        gateway.palique(
            "create-agent", "ana@shop.example", "--site", "shop", "--name", "Ana", "--password-stdin", stdin=PASSWORD
        )
        yield found
    with MongoClient[Document](mongodb_url) as client:
        drop_databases(client, PREFIX)


@pytest.fixture
async def people(processes: dict[str, Process]) -> AsyncIterator[tuple[Visitor, Agent]]:
    url = processes["gateway-1"].public
    async with Browser(url, "shop") as page, page.as_visitor() as visitor, Browser(url, "shop") as desk:
        await desk.sign_in("ana@shop.example", PASSWORD)
        async with desk.as_agent() as agent:
            yield Visitor(page, visitor), Agent(desk, agent)


async def test_the_story_passes(processes: dict[str, Process], people: tuple[Visitor, Agent]) -> None:
    """A visitor asks, an agent answers, and the conversation becomes a log and a ticket with the transcript."""
    visitor, agent = people
    conversation = await talk(visitor, agent)
    log = (await agent.browser.http.get(f"/api/v1/chats/{conversation}/log")).json()
    assert [entry["kind"] for entry in log["entries"]] == ["opened", "message", "assigned", "message", "closed"]
    ticket = (await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={})).json()
    assert [entry["text"] for entry in ticket["transcript"]] == ["Where is my parcel?", "On its way."]
    assert "text/javascript" in (await visitor.browser.http.get("/widget.js")).headers["content-type"]
    assert processes["gateway-1"].container.palique("check").count("ok ") == 6


def test_they_are_what_they_are_said_to_be_and_stop_in_order(processes: dict[str, Process]) -> None:
    for process in processes.values():
        container = process.container
        assert container.inspect("{{.Config.User}}") == "10001:10001"
        title = container.inspect('{{index .Config.Labels "org.opencontainers.image.title"}}')
        assert title == f"palique-{container.service}"
        assert container.palique("migrate").startswith(f"{container.service}: ")
        assert "Traceback" not in container.logs()
    for process in processes.values():
        assert process.container.stop() == 0, process.container.logs()
