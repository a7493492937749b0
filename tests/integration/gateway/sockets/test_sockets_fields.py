"""Fields that a page gives about the visit: stored for this visitor only, shown to agents at once, and no way to anything else."""

import pytest

from tests.integration.gateway.sockets.running import Stack
from tests.integration.gateway.sockets.test_sockets_profile import profile_of
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow


async def fields_of(demo: Stack, visitor: str) -> dict[str, str]:
    return {field.key: field.value for field in (await profile_of(demo, visitor)).fields}


def listed(**values: object) -> list[JsonObject]:
    return [{"key": key, "value": value} for key, value in values.items()]


async def test_fields_are_replaced_and_removed_by_key_and_outlive_the_connection(demo: Stack) -> None:
    token, visitor = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        await vera.send_frame("fields", fields=listed(plan=" Pro\u202e ", cart="12.50"))

        async def stored() -> bool:
            return await fields_of(demo, visitor) == {"plan": "Pro", "cart": "12.50"}

        await eventually(stored, sentence="presence has the fields")
    async with demo.gateway.visitor(token) as vera:
        await vera.send_frame("fields", fields=listed(cart="", order="1234"))

        async def changed() -> bool:
            return await fields_of(demo, visitor) == {"plan": "Pro", "order": "1234"}

        await eventually(changed, sentence="presence has the changes")
        assert {frame["type"] for frame in vera.frames} <= {"welcome", "site"}


async def test_a_watching_agent_hears_of_each_change(demo: Stack) -> None:
    cookie = await demo.sign_in("Ana")
    token, visitor = await demo.gateway.new_visitor()
    async with demo.gateway.agent(cookie) as ana, demo.gateway.visitor(token) as vera:
        await ana.send_frame("watch_visitors", limit=50)

        def rows(frame: JsonObject) -> list[JsonObject]:
            found: list[JsonObject] = [*frame.get("rows", ()), *frame.get("upsert", ())]
            return [row for row in found if row["visitor"] == visitor]

        async def version() -> int | None:
            found = [row.get("fields_version", 0) for frame in ana.frames for row in rows(frame)]
            return found[-1] if found else None

        async def is_listed() -> bool:
            return await version() == 0

        await eventually(is_listed, sentence="the agent sees the visitor")
        for expected, plan in enumerate(["Basic", "Pro", "Pro", ""], start=1):
            await vera.send_frame("fields", fields=listed(plan=plan))

            async def is_shown(expected: int = min(expected, 2) + (plan == "")) -> bool:
                return await version() == expected

            await eventually(is_shown, sentence="the row has the new version")


async def test_they_name_no_other_visitor(demo: Stack) -> None:
    first_token, first = await demo.gateway.new_visitor()
    second_token, second = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(first_token), demo.gateway.visitor(second_token) as other:
        # Unknown fields of a frame are ignored.
        await other.send_frame("fields", visitor=first, site="other", fields=listed(plan="Pro", visitor=first))

        async def stored() -> bool:
            return await fields_of(demo, second) == {"plan": "Pro", "visitor": first}

        await eventually(stored, sentence="presence has the fields")
        assert await fields_of(demo, first) == {}


BAD: list[object] = [
    None,
    {},
    [],
    {"plan": "Pro"},
    listed(plan=7),
    listed(plan=None),
    listed(plan={"nested": "x"}),
    listed(plan=["x"]),
    listed(plan="x" * 201),
    listed(plan="x" * 10_000),
    listed(**{f"k{number}": "x" for number in range(21)}),
    listed(**{"": "x"}),
    listed(**{"k" * 41: "x"}),
    listed(**{"<b>": "x"}),
    listed(**{"plan\n": "x"}),
    listed(**{"$where": "x"}),
    listed(plan="a\x00b"),
    [{"key": "plan"}],
    [{"value": "x"}],
    ["plan"],
]


@pytest.mark.parametrize("fields", BAD, ids=range(len(BAD)))
async def test_a_bad_frame_is_refused_and_changes_nothing(demo: Stack, fields: object) -> None:
    token, visitor = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        await vera.send_frame("fields", fields=fields)
        assert (await vera.next("error"))["code"] == "invalid"
        assert await fields_of(demo, visitor) == {}
        await vera.send_frame("ping", cursors=[])
        await vera.next("pong")


async def test_markup_and_names_of_objects_are_plain_texts(demo: Stack) -> None:
    token, visitor = await demo.gateway.new_visitor()
    odd = {"__proto__": "<img src=x onerror=alert(1)>", "a.b.c": "${x}", "constructor": "{{x}}"}
    async with demo.gateway.visitor(token) as vera:
        await vera.send_frame("fields", fields=listed(**odd))

        async def stored() -> bool:
            return await fields_of(demo, visitor) == odd

        await eventually(stored, sentence="presence has the fields")


async def test_at_twenty_a_new_one_is_refused(demo: Stack) -> None:
    token, visitor = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        await vera.send_frame("fields", fields=listed(**{f"k{number}": "x" for number in range(20)}))

        async def stored() -> bool:
            return len(await fields_of(demo, visitor)) == 20

        await eventually(stored, sentence="presence has the fields")
        await vera.send_frame("fields", fields=listed(more="x", k0="y"))
        assert (await vera.next("error"))["code"] == "too_large"
        found = await fields_of(demo, visitor)
        assert (len(found), found["k0"]) == (20, "x")


async def test_agents_have_no_such_frame(demo: Stack) -> None:
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.agent(cookie) as ana:
        await ana.send_frame("fields", fields=listed(plan="Pro"))
        assert (await ana.next("error"))["code"] == "unknown_type"
