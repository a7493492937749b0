"""Agents that an administrator of the shop invites."""

from typing import Any

import httpx

from services.gateway.accounts.model import Agent
from tests.integration.gateway.http_api.answers import ok
from tests.integration.gateway.http_api.http_side import ORIGIN, HttpSide

PATH = "/api/v1/agents"
ROOT = "root@shop.test"
NEW = {"email": "Nora@Shop.test", "name": "Nora Nueva"}
CHOSEN = "a new horse battery"


async def agent_of(side: HttpSide, email: str) -> Agent:
    found = await side.store.agent_by_email(email)
    assert found is not None
    return found


async def invite(side: HttpSide, **body: object) -> Any:
    async with side.signed_in(ROOT) as root:
        answer = await root.post(PATH, json=NEW | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def accept(side: HttpSide, token: str, password: str = CHOSEN) -> httpx.Response:
    async with side.client(origin=ORIGIN) as client:
        return await client.post("/api/v1/invitation/password", json={"token": token, "password": password})


async def link_for(side: HttpSide, email: str) -> str:
    """A link of an administrator to set another password."""
    agent = await agent_of(side, email)
    async with side.signed_in(ROOT) as root:
        token: str = ok(await root.post(f"{PATH}/{agent.id}/invitation"))["invitation"]["token"]
    return token
