"""Pages of a chat's log over HTTP on the real services (S-12, S-52)."""

import httpx
import pytest

from tests.integration.gateway.http_api.answers import ok, problem
from tests.integration.gateway.http_api.http_side import ANA, HttpSide
from tests.integration.gateway.http_api.talks import close, note, say, take
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow

OTHER = "ana@other.test"
MESSAGES = 24
# With `opened`, `assigned`, a note and `closed`.
HEAD = MESSAGES + 4


async def ended_chat(side: HttpSide, agent: str) -> str:
    conversation = await say(side, [f"line {number}" for number in range(MESSAGES)])
    await take(side, conversation, agent)
    await note(side, conversation, agent, "Careful.")
    await close(side, conversation)
    return conversation


def seqs(answer: JsonObject) -> list[int]:
    return [entry["seq"] for entry in answer["entries"]]


async def test_a_log_is_read_in_pages_both_ways(whole: HttpSide) -> None:
    async with whole.signed_in(ANA) as ana:
        conversation = await ended_chat(whole, ok(await ana.get("/api/v1/me"))["agent"])
        path = f"/api/v1/chats/{conversation}"

        async def window(**params: int) -> JsonObject:
            answer: JsonObject = ok(await ana.get(f"{path}/log", params=params))
            assert answer["head"] == HEAD
            assert answer["ticket"] is None
            return answer

        async def page(**params: int) -> list[int]:
            answer = ok(await ana.get(f"{path}/entries", params=params))
            assert (answer["head"], answer["epoch"]) == (HEAD, 1)
            return seqs(answer)

        whole_log = ok(await ana.get(f"{path}/log"))
        assert seqs(whole_log) == list(range(1, HEAD + 1)), "without parameters, as ever"
        assert seqs(await window(limit=5)) == list(range(HEAD - 4, HEAD + 1)), "the newest end"
        assert seqs(await window(at=10, limit=5)) == [8, 9, 10, 11, 12]
        assert seqs(await window(at=1, limit=5)) == [1, 2, 3, 4, 5]
        assert seqs(await window(at=10)) == list(range(1, HEAD + 1))
        assert await page(before=8, limit=5) == [3, 4, 5, 6, 7]
        assert await page(before=3, limit=5) == [1, 2]
        assert await page(before=1) == []
        assert await page(after=12, limit=5) == [13, 14, 15, 16, 17]
        assert await page(after=HEAD) == []
        assert await page(limit=3) == [1, 2, 3]
        entries = ok(await ana.get(f"{path}/entries", params={"after": HEAD - 2}))["entries"]
        assert [entry["kind"] for entry in entries] == ["note", "closed"], "agents see notes"
        assert entries[0] == whole_log["entries"][HEAD - 2], "an entry is the same in every page"


async def test_pages_are_for_the_own_site(whole: HttpSide) -> None:
    """Requirement I-18: another site's chat gets the same answer as one that does not exist."""
    conversation = await say(whole, ["Hello?"])
    async with whole.signed_in(OTHER) as other, whole.client() as signed_out:
        for name in ("log", "entries"):
            path = f"/api/v1/chats/{conversation}/{name}"
            assert problem(await other.get(path, params={"limit": 5})) == (404, "not_found")
            assert problem(await signed_out.get(path, params={"limit": 5})) == (401, "not_signed_in")
            assert problem(await other.get(f"/api/v1/chats/{'0' * 32}/{name}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("log", "limit=0"),
        ("log", "limit=501"),
        ("log", "at=0"),
        ("log", "at=x"),
        ("log", "before=3"),
        ("entries", "before=0"),
        ("entries", "after=-1"),
        ("entries", "after=1000000000"),
        ("entries", "before=5&after=3"),
        ("entries", "at=3"),
        ("entries", "limit=501"),
        ("entries", "after[$gt]=1"),
    ],
)
async def test_malformed_pages_are_refused(whole: HttpSide, name: str, query: str) -> None:
    async with whole.signed_in(ANA) as ana:
        answer: httpx.Response = await ana.get(f"/api/v1/chats/{'0' * 32}/{name}?{query}")
        assert problem(answer) == (400, "invalid")
