"""No secret reaches a log: every call, frame and method is sent with recognisable secrets, in the right places and in wrong ones."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory

from services.gateway.accounts.identity import PLAIN_SESSION_COOKIE
from services.gateway.connection import frames
from services.gateway.http.api_calls import CALLS, Call
from services.gateway.http.openapi import document
from tests.support.json_object import JsonObject
from tests.support.people import visitor_at
from tests.support.protocol_client import Browser, Closed
from tests.support.raw_http import ask
from tests.support.responses import ok_json
from tests.support.running import Running
from tests.system.access_requests import Ids, frame_of, request_of
from tests.system.fuzzing import PASSWORD, SITE, forget_throttles, make_site, nothing_breaks
from tests.system.test_fuzz_rpc import METHODS

EMAIL = "secrets@fuzzed.test"
CHOSEN = "teapots-93-on-the-moon"
IDS = Ids("0190f7c1a0b07c3d8e4f5a6b7c8d9e0f", "0190f7c1a0b07c3d8e4f5a6b7c8d9e0f", "0190f7c1a0b07c3d8e4f5a6b7c8d9e0f")


class Secrets:
    """Makes secrets, and remembers all of them."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def new(self, where: str) -> str:
        self.made.append(f"secret-{len(self.made)}-{where}")
        return self.made[-1]

    def body(self, call: Call) -> bytes:
        """A body of the call's shape, with a secret in every text."""
        if call.body is None:
            return self.new("body").encode()
        schema = document()["components"]["schemas"][call.body.__name__]
        return json.dumps({name: self._value(name, kind) for name, kind in schema["properties"].items()}).encode()

    def _value(self, name: str, kind: JsonObject) -> object:
        if name == "site":
            return SITE
        if name == "email":
            return self.new("email") + "@fuzzed.test"
        numbers = {"integer": 1, "boolean": True, "object": {}, "array": []}
        return numbers.get(str(kind.get("type"))) or self.new(name)


@pytest.fixture
async def secrets(running: Running) -> Secrets:
    await make_site(running, EMAIL)
    return Secrets()


async def test_no_call_writes_a_secret_into_a_log(running: Running, secrets: Secrets) -> None:
    """With a session, with another cookie, and signed out; in cookie, header, query, path and body."""
    address = running.public(0)
    try:
        with nothing_breaks(running, lambda: [PASSWORD, CHOSEN, *secrets.made]):
            async with Browser(address, SITE) as browser:
                await browser.sign_in(EMAIL, PASSWORD)
                secrets.made.append(browser.http.cookies[PLAIN_SESSION_COOKIE])
                await _real_secrets(browser, secrets)
                for call in CALLS:
                    for cookie in (secrets.made[0], secrets.new("cookie")):
                        _send(address, call, secrets, cookie)
                    if call.method == "DELETE":  # it may have ended the session
                        await browser.sign_in(EMAIL, PASSWORD)
                        secrets.made[0:0] = [browser.http.cookies[PLAIN_SESSION_COOKIE]]
    finally:
        # Others sign in from this address, too.
        await forget_throttles(running)


async def _real_secrets(browser: Browser, secrets: Secrets) -> None:
    """Those that the product makes: a link for an invited agent, its password, a visitor's token."""
    new = {"email": f"{secrets.new('new')}@fuzzed.test", "name": "Nora"}
    invited = ok_json(await browser.http.post("/api/v1/agents", json=new))
    token = str(invited["invitation"]["token"])
    secrets.made.append(token)
    for wanted in ({"token": token}, {"token": token + "x"}):
        await browser.http.post("/api/v1/invitation", json=wanted)
    chosen = {"token": token, "password": CHOSEN}
    assert (await browser.http.post("/api/v1/invitation/password", json=chosen)).is_success
    assert not (await browser.http.post("/api/v1/invitation/password", json=chosen)).is_success
    await browser.visit()
    secrets.made.append(str(browser.token))
    await browser.visit()


def _send(address: str, call: Call, secrets: Secrets, cookie: str) -> None:
    token = secrets.new("id").encode()
    target = call.path.replace("{id}", "ID").replace("{note}", "ID").encode().replace(b"ID", token)
    headers = {
        b"origin": address.encode(),
        b"cookie": f"{PLAIN_SESSION_COOKIE}={cookie}".encode(),
        b"authorization": b"Bearer " + secrets.new("header").encode(),
        b"content-type": call.takes[0].encode(),
        b"referer": address.encode() + b"/?token=" + secrets.new("referer").encode(),
    }
    for query in (b"", b"?token=" + secrets.new("query").encode()):
        ask(address, call.method, target + query, headers, secrets.body(call))
    ask(address, call.method, target, headers, b'{"password":"' + secrets.new("half").encode() + b"\xff")


async def test_no_frame_writes_a_secret_into_a_log(running: Running, secrets: Secrets) -> None:
    kinds = {"visitor": frames.VisitorFrame.__args__, "agent": frames.AgentFrame.__args__}
    with nothing_breaks(running, lambda: [PASSWORD, *secrets.made]):
        async with visitor_at(running, 0, SITE) as visitor, Browser(running.public(1), SITE) as browser:
            await browser.sign_in(EMAIL, PASSWORD)
            secrets.made += [str(visitor.browser.token), browser.http.cookies[PLAIN_SESSION_COOKIE]]
            for kind, one in (("visitor", visitor.browser), ("agent", browser)):
                for frame in kinds[kind]:
                    fields = frame_of(frame.__struct_config__.tag, IDS)
                    wrong = {name: secrets.new(name) for name in fields if name != "type"}
                    async with one.as_visitor() if kind == "visitor" else one.as_agent() as client:
                        await client.say(**{**fields, "token": secrets.new("token"), "text": secrets.new("text")})
                        await client.say(**{**wrong, "type": fields["type"], "token": secrets.new("wrong")})
                        await client.say_raw(secrets.new("raw"))
                        with pytest.raises(Closed):
                            await client.hear(lambda _: False)
            async with visitor.browser.socket("visitor") as client:
                await client.say(type="hello", token=secrets.new("hello"), client="test/1.0", cursors=[])
                with pytest.raises(Closed):
                    await client.hear(lambda _: False)


async def test_no_method_writes_a_secret_into_a_log(running: Running, secrets: Secrets) -> None:
    """Wrong tokens, and right ones beside others, on every method of every service."""
    tokens: dict[str, str] = json.loads((running.home / "state/tokens.json").read_text())
    with nothing_breaks(running, lambda: [*tokens.values(), *secrets.made]):
        for service, method in METHODS:
            kind = message_factory.GetMessageClass(method.input_type)
            async with grpc.aio.insecure_channel(running.grpc(service)) as channel:
                path = f"/{method.containing_service.full_name}/{method.name}"
                call: Callable[..., Any] = channel.unary_unary(
                    path, request_serializer=None, response_deserializer=None
                )
                for token in (secrets.new("bearer"), tokens["gateway"], tokens["integration"]):
                    more = (("x-password", secrets.new("metadata")), ("cookie", secrets.new("cookie")))
                    for body in (request_of(kind, SITE, IDS).SerializeToString(), secrets.new("body").encode()):
                        with suppress(grpc.aio.AioRpcError):
                            await call(body, timeout=20, metadata=(("authorization", f"Bearer {token}"), *more))


def test_the_search_for_secrets_finds_one(running: Running) -> None:
    """The other tests of this file pass only because the logs are read."""
    log = next((running.home / "logs").glob("gateway*.log"))

    def write() -> None:
        with nothing_breaks(running, lambda: ["planted"]), log.open("a") as end:
            # A whole line: other tests read these logs.
            end.write('{"event":"planted","level":"info","at":"2026-01-01T00:00:00Z"}\n')

    with pytest.raises(AssertionError, match="planted"):
        write()
