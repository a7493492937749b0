"""The signed-in agent's own account: name, language, password, photo."""

import io

import httpx
import pytest
from PIL import Image

from services.gateway.accounts.photos import MAX_UPLOAD, SIDE
from services.gateway.http.own_password import GUESS_RULE
from tests.integration.gateway.http_api.answers import no_content, ok, problem
from tests.integration.gateway.http_api.http_side import ORIGIN, PASSWORD, SHOP, HttpSide
from tests.support.json_object import JsonObject

ME = "/api/v1/me"
ANA = "ana@shop.test"
NEW = "a new horse battery"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **options)
    return out.getvalue()


def black(size: tuple[int, int]) -> bytes:
    """A PNG of a bit a pixel: quickly made, and small at any size."""
    out = io.BytesIO()
    Image.new("1", size).save(out, "PNG")
    return out.getvalue()


async def put(client: httpx.AsyncClient, body: bytes, media_type: str = "image/png") -> httpx.Response:
    return await client.put(f"{ME}/photo", content=body, headers={"content-type": media_type})


async def test_name_and_language_are_stored_on_the_account(side: HttpSide) -> None:
    async with side.signed_in(ANA) as ana:
        answer = await ana.patch(ME, json={"name": "  Ana   María ", "language": "es"})
        assert (answer.json()["name"], answer.json()["language"]) == ("Ana María", "es")
        assert ok(await ana.get(ME)) == answer.json()
        assert len(side.bus.announced) == 1
        assert ok(await ana.patch(ME, json={"language": None}))["language"] is None
        assert ok(await ana.get(ME))["name"] == "Ana María"
        assert len(side.bus.announced) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": None},
        {"language": "xx"},
        {"role": "administrator"},
        {"email": "a@b.c"},
    ],
)
async def test_an_agent_may_not_change_other_fields_of_the_account(side: HttpSide, body: JsonObject) -> None:
    async with side.signed_in(ANA) as ana:
        before = ok(await ana.get(ME))
        assert problem(await ana.patch(ME, json=body)) == (400, "invalid")
        assert ok(await ana.get(ME)) == before


async def test_a_new_password_ends_the_other_sessions(side: HttpSide) -> None:
    async with side.signed_in(ANA) as ana, side.signed_in(ANA) as other:
        answer = await ana.post(f"{ME}/password", json={"current": PASSWORD, "new": NEW})
        no_content(answer)
        assert (await ana.get(ME)).status_code == 200
        assert problem(await other.get(ME)) == (401, "not_signed_in")
        assert len(side.bus.announced) == 1
        assert problem(await other.post("/api/v1/session", json={"email": ANA, "password": PASSWORD})) == (
            401,
            "wrong_credentials",
        )
        no_content(await other.post("/api/v1/session", json={"email": ANA, "password": NEW}))


async def test_a_wrong_current_password_changes_nothing_and_is_throttled(side: HttpSide) -> None:
    """I-26."""
    async with side.signed_in(ANA) as ana:
        for _ in range(GUESS_RULE.burst):
            assert problem(await ana.post(f"{ME}/password", json={"current": "wrong", "new": NEW})) == (
                401,
                "wrong_credentials",
            )
        side.clock.ahead_ms -= 60_000
        assert problem(await ana.post(f"{ME}/password", json={"current": PASSWORD, "new": NEW})) == (429, "too_fast")
        record = await side.store.agent_by_email(ANA)
        assert record is not None
        with side.passwords.slot("test") as hashing:
            assert await hashing.matches(PASSWORD, record.password_hash)


@pytest.mark.parametrize("new", ["", "short", "xk3jf93kd02", "password12345", "Ana at Site shop", ANA, "x" * 1001])
async def test_a_weak_password_is_refused_with_a_sentence(side: HttpSide, new: str) -> None:
    async with side.signed_in(ANA) as ana:
        answer = await ana.post(f"{ME}/password", json={"current": PASSWORD, "new": new})
        assert problem(answer) == (400, "invalid")
        assert "password" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_photo_is_redrawn_and_public(side: HttpSide, kind: str) -> None:
    """S-56, W-02."""
    async with side.signed_in(ANA) as ana:
        answer = await put(ana, picture(kind), f"image/{kind.lower()}")
        assert answer.status_code == 200, answer.text
        url = answer.json()["photo"]
        assert ok(await ana.get(ME))["photo"] == url
    async with side.client() as client:
        shown = await client.get(url)
        plain = await client.get(url.partition("?")[0])
    assert shown.headers["content-type"] == "image/webp"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "immutable" in shown.headers["cache-control"]
    assert "immutable" not in plain.headers["cache-control"]
    assert plain.content == shown.content
    with Image.open(io.BytesIO(shown.content)) as image:
        assert (image.format, image.size) == ("WEBP", (SIDE, SIDE))


async def test_a_photo_can_be_removed(side: HttpSide) -> None:
    async with side.signed_in(ANA) as ana:
        url = (await put(ana, picture())).json()["photo"]
        assert ok(await ana.delete(f"{ME}/photo")) == {"photo": None}
        assert ok(await ana.get(ME))["photo"] is None
        no_content(await ana.get(url))
        no_content(await ana.get("/api/v1/photos/nobody"))
        assert (await ana.get("/api/v1/photos/$ne")).status_code == 404


async def test_other_content_of_the_uploaded_file_is_not_served(side: HttpSide) -> None:
    """I-22: metadata, comments and appended markup of an uploaded file are gone."""
    page = b"<script>alert(1)</script>"
    exif = Image.Exif()
    exif[0x010E] = "Calle Mayor 1"
    async with side.signed_in(ANA) as ana:
        for body in (picture("PNG") + page, picture("JPEG", comment=page, exif=exif), picture("WEBP", exif=exif)):
            url = (await put(ana, body)).json()["photo"]
            served = (await ana.get(url)).content
            assert b"script" not in served
            assert b"Calle" not in served


BAD = {
    "nothing": b"",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "another kind": picture("GIF"),
    "a head only": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "half a picture": picture("JPEG", (300, 300))[:400],
    "another kind within": b"RIFF\0\0\0\0WEBP" + picture("GIF"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_file_that_is_no_photo_is_refused(side: HttpSide, name: str) -> None:
    async with side.signed_in(ANA) as ana:
        assert problem(await put(ana, BAD[name])) == (400, "invalid")
        assert ok(await ana.get(ME))["photo"] is None


async def test_a_photo_is_bounded_in_bytes_and_pixels(side: HttpSide) -> None:
    """The second bound covers a small file that decodes to a huge image."""
    async with side.signed_in(ANA) as ana:
        assert problem(await put(ana, b"\0" * (MAX_UPLOAD + 1))) == (413, "too_large")
        bomb = black((5000, 4000))
        assert len(bomb) < MAX_UPLOAD
        assert problem(await put(ana, bomb)) == (413, "too_large")
        assert problem(await put(ana, black((12_000, 12_000)))) in ((400, "invalid"), (413, "too_large"))


async def test_a_photo_from_another_page_or_without_a_session_is_refused(side: HttpSide) -> None:
    async with side.signed_in(ANA) as ana:
        assert problem(await put(ana, picture(), "text/plain")) == (400, "invalid")
        answer = await ana.put(f"{ME}/photo", content=picture(), headers={"content-type": "image/png", "origin": SHOP})
        assert problem(answer) == (403, "origin_refused")
    async with side.client(origin=ORIGIN) as signed_out:
        assert problem(await put(signed_out, picture())) == (401, "not_signed_in")
        assert problem(await signed_out.patch(ME, json={"name": "Eve"})) == (401, "not_signed_in")
        assert problem(await signed_out.post(f"{ME}/password", json={"current": "a", "new": NEW})) == (
            401,
            "not_signed_in",
        )
