"""How a page asks for a visitor's token."""

import httpx

from tests.integration.gateway.http_api.http_side import SHOP, HttpSide

PATH = "/api/v1/visitor/session"


async def ask(side: HttpSide, origin: str | None = SHOP, **body: object) -> httpx.Response:
    headers = {} if origin is None else {"origin": origin}
    async with side.client(**headers) as client:
        return await client.post(PATH, json={"site": "shop", **body})
