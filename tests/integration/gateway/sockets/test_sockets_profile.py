"""What a page says about its visitor: it fills empty fields of this visitor's profile, and does nothing else."""

from contextlib import suppress

import pytest
from palique.presence.v1.presence_pb2 import EditVisitorRequest, GetVisitorRequest, Visitor

from kit.codes import Refused
from tests.integration.gateway.sockets.running import Stack
from tests.integration.gateway.sockets.running_gateway import SITE
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def profile_of(demo: Stack, visitor: str) -> Visitor:
    """Empty before presence knows the visitor."""
    request = GetVisitorRequest(site=SITE, visitor=visitor)
    with suppress(Refused):
        return (await demo.gateway.process.presence.call(lambda stub: stub.GetVisitor, request)).visitor
    return Visitor()


async def test_a_page_fills_what_is_empty_and_replaces_nothing(demo: Stack) -> None:
    token, visitor = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        await vera.send_frame("profile", name=" Vera\u202e ", email="Vera@Example.com", phone="")

        async def filled() -> bool:
            return (await profile_of(demo, visitor)).email != ""

        await eventually(filled, sentence="presence has the profile")
        first = await profile_of(demo, visitor)
        # By the same rules as what an agent enters.
        assert (first.name, first.email, first.phone) == ("Vera", "Vera@example.com", "")
        edit = EditVisitorRequest(site=SITE, visitor=visitor, version=first.version, email="")
        await demo.gateway.process.presence.call(lambda stub: stub.EditVisitor, edit)
        await vera.send_frame("profile", name="Igor", phone="+34 91 123")

        async def has_phone() -> bool:
            return (await profile_of(demo, visitor)).phone != ""

        await eventually(has_phone, sentence="presence has the phone")
        after = await profile_of(demo, visitor)
        assert (after.name, after.email, after.phone) == ("Vera", "", "+34 91 123")


async def test_a_new_name_stands_on_the_next_message(demo: Stack) -> None:
    """Requirement S-55, also when a message was sent before."""
    cookie = await demo.sign_in("Ana")
    token, visitor = await demo.gateway.new_visitor()
    names = demo.gateway.process.visitor_names
    async with demo.gateway.agent(cookie) as ana, demo.gateway.visitor(token) as vera:
        ack = await vera.send("Hello?")
        await ana.send_frame("follow", ref="f", conversation=ack["conversation"])
        await ana.next("reply", lambda frame: frame["ref"] == "f")
        assert names.cached(SITE, visitor) is not None
        await vera.send_frame("profile", name="Vera")
        await eventually(lambda: names.cached(SITE, visitor) is None, sentence="the old name is forgotten")
        await vera.send("It is me.")
        entry = await ana.next("entry", lambda frame: frame.get("text") == "It is me.")
        assert entry["author"]["name"] == "Vera"


async def test_it_names_no_other_visitor_and_opens_nothing(demo: Stack) -> None:
    """Another visitor's address links nothing: both stay apart, and nothing of either is sent."""
    first_token, first = await demo.gateway.new_visitor()
    second_token, second = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(first_token) as vera, demo.gateway.visitor(second_token) as other:
        await vera.send_frame("profile", name="Vera", email="vera@example.com", phone="1")

        async def filled() -> bool:
            return (await profile_of(demo, first)).phone == "1"

        await eventually(filled, sentence="presence has the profile")
        before = await profile_of(demo, first)
        # Unknown fields of a frame are ignored.
        await other.send_frame("profile", visitor=first, site="other", name="Igor", email="vera@example.com", bio="x")

        async def named() -> bool:
            return (await profile_of(demo, second)).name == "Igor"

        await eventually(named, sentence="presence has the second profile")
        found = await profile_of(demo, first)
        assert (found.name, found.email, found.phone, found.version) == (
            "Vera",
            "vera@example.com",
            "1",
            before.version,
        )
        assert (await profile_of(demo, second)).bio == ""
        await other.send_frame("ping", cursors=[])
        await other.next("pong")
        assert {frame["type"] for frame in other.frames} <= {"welcome", "site", "pong"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "no address"), ("phone", "call me"), ("name", "two\nlines"), ("name", "n" * 101)],
)
async def test_a_value_that_does_not_fit_is_refused_and_the_others_are_filled(
    demo: Stack, field: str, value: str
) -> None:
    token, visitor = await demo.gateway.new_visitor()
    good = {"name": "Vera", "email": "vera@example.com", "phone": "1"}
    async with demo.gateway.visitor(token) as vera:
        await vera.send_frame("profile", **{**good, field: value})
        refused = await vera.next("error")
        assert refused["code"] == "invalid"
        assert field in refused["message"]
        found = await profile_of(demo, visitor)
        assert {name: getattr(found, name) for name in good} == {**good, field: ""}


@pytest.mark.parametrize("fields", [{"name": "n" * 255}, {"name": 7}, {"phone": None}, {"email": ["a"]}])
async def test_a_frame_of_other_types_or_lengths_is_refused(demo: Stack, fields: dict[str, object]) -> None:
    token, visitor = await demo.gateway.new_visitor()
    async with demo.gateway.visitor(token) as vera:
        await vera.send_frame("profile", **{"name": "Vera", **fields})
        assert (await vera.next("error"))["code"] == "invalid"
        assert (await profile_of(demo, visitor)).name == ""
        await vera.send_frame("ping", cursors=[])
        await vera.next("pong")


async def test_agents_have_no_such_frame(demo: Stack) -> None:
    cookie = await demo.sign_in("Ana")
    async with demo.gateway.agent(cookie) as ana:
        await ana.send_frame("profile", name="Vera")
        assert (await ana.next("error"))["code"] == "unknown_type"
