"""The first story through Caddy with TLS, and what an operator does: check, back up, restore, start again (issue 13)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.compose.one_host import AGENT, PASSWORD, SERVICES, SITE, OneHost
from tests.support.people import Agent, Visitor, talk
from tests.support.protocol_client import Browser


class People(NamedTuple):
    visitor: Visitor
    agent: Agent


@asynccontextmanager
async def people(url: str) -> AsyncIterator[People]:
    async with Browser(url, SITE) as page, page.as_visitor() as visitor, Browser(url, SITE) as desk:
        await desk.sign_in(AGENT, PASSWORD)
        async with desk.as_agent() as agent:
            yield People(Visitor(page, visitor), Agent(desk, agent))


async def texts(agent: Agent, conversation: str) -> list[str]:
    log = (await agent.browser.http.get(f"/api/v1/chats/{conversation}/log")).raise_for_status().json()
    return [entry["text"] for entry in log["entries"] if entry["kind"] == "message"]


async def test_the_story_passes_through_caddy(host: OneHost, url: str) -> None:
    """A visitor asks, an agent answers, and the conversation becomes a log and a ticket with the transcript."""
    async with people(url) as (visitor, agent):
        conversation = await talk(visitor, agent)
        assert await texts(agent, conversation) == ["Where is my parcel?", "On its way."]
        ticket = (await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={})).json()
        assert [entry["text"] for entry in ticket["transcript"]] == ["Where is my parcel?", "On its way."]
        widget = await visitor.browser.http.get("/widget.js")
    assert "text/javascript" in widget.headers["content-type"]


def test_responses_have_the_headers_of_the_gateway_and_http_leads_to_https(host: OneHost, url: str) -> None:
    page = httpx.get(f"{url}/dashboard/", verify=False)
    assert page.status_code == 200
    assert page.headers["strict-transport-security"].startswith("max-age=31536000")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in page.headers
    assert "server" not in page.headers
    port = next(
        line.split("=")[1]
        for line in (host.folder / ".env").read_text().splitlines()
        if line.startswith("PALIQUE_HTTP_PORT")
    )
    moved = httpx.get(f"http://localhost:{port}/dashboard/?a=b")
    assert (moved.status_code, moved.headers["location"]) == (308, f"{url}/dashboard/?a=b")


async def test_another_host_and_a_forged_address_get_nowhere(host: OneHost, url: str) -> None:
    """Caddy has one site, and replaces what clients write into X-Forwarded-For."""
    async with Browser(url, SITE) as desk:
        assert (await desk.http.get("/dashboard/", headers={"host": "evil.example"})).content == b""
        desk.http.headers["x-forwarded-for"] = "203.0.113.77"
        await desk.sign_in(AGENT, PASSWORD)
        sessions = (await desk.http.get("/api/v1/me/sessions")).raise_for_status().text
    assert '"address":' in sessions
    assert "203.0.113.77" not in sessions


def test_palique_check_finds_everything(host: OneHost) -> None:
    """On a stand-in, MongoDB is older than production allows, which the command must report."""
    try:
        lines = host.palique("check").splitlines()
    except AssertionError as error:
        lines = str(error).splitlines()
    failed = [line for line in lines if line.startswith("FAILED")]
    assert all(line.split()[1] == "MongoDB" and "is too old" in line for line in failed), lines
    assert sum(line.startswith("ok ") for line in lines) == 7 - len(failed), lines


def test_the_containers_are_what_the_file_promises(host: OneHost) -> None:
    for service in SERVICES:
        found = json.loads(host.inspect(service, "{{json .HostConfig}}"))
        assert found["ReadonlyRootfs"] is True, service
        assert found["Memory"] > 0, service
        assert found["RestartPolicy"]["Name"] == "unless-stopped", service
        secrets = [
            value for value in json.loads(host.inspect(service, "{{json .Config.Env}}")) if "://palique" in value
        ]
        assert secrets == [], service
    uid = "10001 10001\n"
    assert host.compose("exec", "-T", "chat", "python", "-c", "import os; print(os.getuid(), os.getgid())") == uid


def test_the_broker_has_the_services_users_and_no_guest(host: OneHost) -> None:
    listed = host.compose("exec", "-T", "rabbitmq", "rabbitmqctl", "--silent", "list_users").splitlines()
    users = {line.split()[0] for line in listed if line and line.split()[0] != "user"}
    assert users == {"palique-gateway", "palique-presence", "palique-chat", "palique-tickets"}


async def test_a_restore_brings_the_copy_back_with_a_higher_epoch(host: OneHost, url: str, tmp_path: Path) -> None:
    """The talk before the copy is there, the talk after it is gone, and clients learn of it by the epoch."""
    file = tmp_path / "copies" / "palique.tar"
    async with people(url) as (visitor, agent):
        kept = await talk(visitor, agent)
    host.run("./backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    host.wait_healthy()
    async with people(url) as (visitor, agent):
        lost = await talk(visitor, agent)
    assert "conversations are at epoch" in host.run("./restore", str(file), "--drop")
    host.wait_healthy()
    async with people(url) as (visitor, agent):
        assert await texts(agent, kept) == ["Where is my parcel?", "On its way."]
        assert (await agent.browser.http.get(f"/api/v1/chats/{lost}/log")).status_code == 404
        again = await talk(visitor, agent)
        assert await texts(agent, again) == ["Where is my parcel?", "On its way."]


def test_a_second_start_changes_nothing(host: OneHost) -> None:
    before = {service: host.container(service) for service in SERVICES}
    host.run("./init")
    host.compose("up", "-d")
    assert {service: host.container(service) for service in SERVICES} == before


async def test_an_upgrade_replaces_the_services_and_keeps_the_data(host: OneHost, url: str) -> None:
    """The documented command, to images with another tag."""
    async with people(url) as (visitor, agent):
        conversation = await talk(visitor, agent)
    before = host.container("gateway")
    host.tag_images("next")
    host.run("sh", "-c", f"./backup && ./init --version next && {host.env['COMPOSE']} up -d")
    host.wait_healthy()
    assert host.container("gateway") != before
    for service in ("gateway", "presence", "chat", "tickets"):
        assert host.inspect(service, "{{.Config.Image}}") == f"localhost/palique-{service}:next"
    assert len(list((host.folder / "backups").iterdir())) == 1
    async with people(url) as (_, agent):
        assert await texts(agent, conversation) == ["Where is my parcel?", "On its way."]
