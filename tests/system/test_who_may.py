"""Access rules: sign-in, sockets, origins, and data of other people."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.people import Agent, Visitor, agent_at
from tests.support.protocol_client import Browser, Closed
from tests.support.responses import ok_json
from tests.support.running import Running

PASSWORDS = ["", "palique-dem", "palique-demo ", "PALIQUE-DEMO", "x" * 10_000]


@pytest.mark.parametrize("password", PASSWORDS)
async def test_a_wrong_password_opens_nothing(running: Running, password: str) -> None:
    """The answer is the one for an unknown e-mail, and no cookie comes with it."""
    async with Browser(running.public(0)) as browser:
        answers = [
            await browser.http.post("/api/v1/session", json={"email": email, "password": password})
            for email in ("agent@palique.test", "nobody@palique.test")
        ]
        assert all(answer.status_code in (400, 401) for answer in answers)
        assert answers[0].json()["code"] == answers[1].json()["code"]
        assert not browser.http.cookies
        assert (await browser.http.get("/api/v1/me")).status_code == 401


async def refusal(browser: Browser, kind: str, **hello: object) -> int:
    """How a socket is refused: the status of the handshake, or the close code after the hello."""
    try:
        async with browser.socket(kind) as client:
            await client.hello(**hello)
    except InvalidStatus as refused:
        return refused.response.status_code
    except Closed as closed:
        return closed.code
    return 0


async def test_an_agent_socket_needs_the_session(running: Running) -> None:
    async with Browser(running.public(0)) as browser:
        assert await refusal(browser, "agent") in (401, 403, 4401)


@pytest.mark.parametrize("token", ["", "x" * 43, "../../etc/passwd", "0" * 64])
async def test_a_visitor_socket_needs_a_token_that_was_given(running: Running, token: str) -> None:
    """I-18."""
    async with Browser(running.public(0)) as browser, browser.socket("visitor") as client:
        await client.say(type="hello", token=token, client="test", cursors=[], page=None)
        with pytest.raises(Closed) as closed:
            await client.hear_type("welcome")
        assert closed.value.code in (4400, 4401)


@pytest.mark.parametrize("kind", ["visitor", "agent"])
@pytest.mark.parametrize("origin", ["https://evil.test", "http://127.0.0.1.evil.test", "null"])
async def test_every_websocket_checks_the_origin(agent: Agent, running: Running, kind: str, origin: str) -> None:
    """I-23: for a visitor the site is known only from the token, so the refusal may come with the hello."""
    async with Browser(running.public(0)) as browser:
        browser.http.cookies = agent.browser.http.cookies
        await browser.visit()
        browser.origin = origin
        page = {"url": "", "title": "", "referrer": ""}
        assert await refusal(browser, kind, token=browser.token, page=page) in (403, 4403)


@pytest.mark.parametrize("origin", ["https://evil.test", "null", None])
async def test_a_visitor_session_is_for_the_sites_own_pages(running: Running, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    async with httpx.AsyncClient(base_url=running.public(0), headers=headers, verify=False) as http:
        answer = await http.post("/api/v1/visitor/session", json={"site": "demo"})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")


async def test_signing_out_ends_the_sockets(running: Running) -> None:
    """I-21: on the other gateway too, and the cookie is worth nothing after it."""
    async with agent_at(running, 0, "agent2@palique.test") as agent:
        async with agent.browser.as_agent(public=running.public(1)) as elsewhere:
            kept = dict(agent.browser.http.cookies)
            assert (await agent.browser.http.delete("/api/v1/session")).is_success
            for client in (agent.client, elsewhere):
                with pytest.raises(Closed) as closed:
                    await client.hear(lambda _: False)
                assert closed.value.code in (4401, 4403)
        async with Browser(running.public(1)) as thief:
            thief.http.cookies.update(kept)
            assert (await thief.http.get("/api/v1/me")).status_code == 401


Request = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]
REQUESTS: dict[str, Request] = {
    "visitor": lambda http, one: http.get(f"/api/v1/visitors/{one}"),
    "edit": lambda http, one: http.patch(f"/api/v1/visitors/{one}", json={"version": 1, "name": "X"}),
    "note": lambda http, one: http.patch(f"/api/v1/visitors/{one}/notes/n", json={"version": 1, "text": "X"}),
    "log": lambda http, one: http.get(f"/api/v1/chats/{one}/log"),
    "flag": lambda http, one: http.patch(f"/api/v1/chats/{one}", json={"flagged": True}),
    "to ticket": lambda http, one: http.post(f"/api/v1/chats/{one}/ticket", json={}),
    "ticket": lambda http, one: http.get(f"/api/v1/tickets/{one}"),
    "change": lambda http, one: http.patch(f"/api/v1/tickets/{one}", json={"version": 1, "status": "solved"}),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_the_other_sites_things_are_not_found(
    name: str, agent: Agent, visitor: Visitor, other_site_agent: Browser
) -> None:
    """The same 404 for missing data and for data of others; 401 without a session."""
    conversation = (await visitor.client.send("Ours", None))["conversation"]
    ticket = ok_json(await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={}))["id"]
    one = {**dict.fromkeys(("visitor", "edit", "note"), visitor.browser.visitor), "ticket": ticket, "change": ticket}
    foreign = await REQUESTS[name](other_site_agent.http, str(one.get(name, conversation)))
    missing = await REQUESTS[name](other_site_agent.http, "0" * 32)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["code"] == missing.json()["code"] == "not_found"
    assert foreign.json()["detail"] == missing.json()["detail"]
    async with Browser(agent.browser.public) as nobody:
        assert (await REQUESTS[name](nobody.http, str(one.get(name, conversation)))).status_code == 401


async def test_the_other_sites_agent_sees_nothing_of_ours(
    agent: Agent, visitor: Visitor, other_site_agent: Browser
) -> None:
    conversation = (await visitor.client.send("Ours", None))["conversation"]
    async with other_site_agent.as_agent() as stranger:
        assert (await stranger.ask("accept", conversation=conversation))["code"] == "not_found"
        assert (await stranger.ask("close", conversation=conversation))["code"] == "not_found"
        assert (await stranger.ask("follow", conversation=conversation))["code"] == "not_found"
        assert (await stranger.ask("start_chat", visitor=visitor.browser.visitor))["code"] == "not_found"
        await stranger.say(type="watch_visitors", sort="since", descending=True, filter={}, offset=0, limit=50)
        assert (await stranger.hear_type("visitors"))["total"] == 0
        assert "Ours" not in str(stranger.frames)
    await agent.client.hear_type("conversation", conversation=conversation)


async def test_no_credential_is_in_any_log(running: Running, visitor: Visitor) -> None:
    """I-19, and no text of a message either."""
    secret = "a sentence that belongs to two people"
    await visitor.client.send(secret, None)
    assert visitor.browser.token is not None
    for path in (running.home / "logs").iterdir():
        if path.is_file():
            text = path.read_text(errors="replace")
            assert secret not in text, path.name
            assert visitor.browser.token not in text, path.name
            assert "palique-demo" not in text, path.name
