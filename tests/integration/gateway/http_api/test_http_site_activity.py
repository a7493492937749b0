"""Counts of what happens on a site now, as the services have it (requirement S-03)."""

import pytest

from tests.integration.gateway.http_api.answers import ok
from tests.integration.gateway.http_api.http_side import ANA, HttpSide
from tests.integration.gateway.http_api.talks import close, say, take, visit
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def test_the_activity_counts_the_sites_own_chats_and_visitors(whole: HttpSide) -> None:
    """I-18: another site's are not among them. A closed chat is not open."""
    async with whole.signed_in(ANA) as ana, whole.signed_in("ana@other.test") as other:
        assert ok(await ana.get("/api/v1/site/activity")) == {"open_chats": 0, "waiting": 0, "visitors": 0}
        visitors = [await visit(whole) for _ in range(3)]
        waiting, taken, ended = [await say(whole, ["Hello?"], visitor=one) for one in visitors]
        await visit(whole)
        await take(whole, taken, "a")
        await close(whole, ended)
        foreign = await visit(whole, "other")
        await say(whole, ["Hello?"], site="other", visitor=foreign)

        async def counted() -> bool:
            answer = ok(await ana.get("/api/v1/site/activity"))
            return bool(answer == {"open_chats": 2, "waiting": 1, "visitors": 4})

        # The projection of a chat follows its log.
        await eventually(counted)
        assert ok(await other.get("/api/v1/site/activity")) == {"open_chats": 1, "waiting": 1, "visitors": 1}
        await close(whole, waiting)

        async def one_left() -> bool:
            return bool(ok(await ana.get("/api/v1/site/activity"))["open_chats"] == 1)

        await eventually(one_left)
