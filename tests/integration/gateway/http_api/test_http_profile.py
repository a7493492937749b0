"""One's own account: name, language, password, photo."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from services.gateway.accounts.photos import SIDE, UPLOAD_LIMIT
from services.gateway.http.profile import GUESS_RULE
from tests.integration.gateway.http_api.http_side import ORIGIN, PASSWORD, SHOP, HttpSide

ME = "/api/v1/me"
ANA = "ana@shop.test"
NEW = "a new horse battery"


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **options)
    return out.getvalue()


async def put(client: httpx.AsyncClient, body: bytes, media_type: str = "image/png") -> httpx.Response:
    return await client.put(f"{ME}/photo", content=body, headers={"content-type": media_type})


async def test_name_and_language_are_kept_on_the_account(side: HttpSide) -> None:
    async with side.signed_in(ANA) as ana:
        answer = await ana.patch(ME, json={"name": "  Ana   María ", "language": "es"})
        assert (answer.json()["name"], answer.json()["language"]) == ("Ana María", "es")
        assert (await ana.get(ME)).json() == answer.json()
        assert len(side.bus.announced) == 1
        assert (await ana.patch(ME, json={"language": None})).json()["language"] is None
        assert (await ana.get(ME)).json()["name"] == "Ana María"
        assert len(side.bus.announced) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": None},
        {"language": "fr"},
        {"role": "administrator"},
        {"email": "a@b.c"},
    ],
)
async def test_the_rest_of_the_account_is_not_ones_own_to_change(side: HttpSide, body: dict[str, Any]) -> None:
    async with side.signed_in(ANA) as ana:
        before = (await ana.get(ME)).json()
        assert code(await ana.patch(ME, json=body)) == (400, "invalid")
        assert (await ana.get(ME)).json() == before


async def test_a_new_password_ends_the_other_sessions(side: HttpSide) -> None:
    async with side.signed_in(ANA) as ana, side.signed_in(ANA) as other:
        answer = await ana.post(f"{ME}/password", json={"current": PASSWORD, "new": NEW})
        assert answer.status_code == 204
        assert (await ana.get(ME)).status_code == 200
        assert (await other.get(ME)).status_code == 401
        assert len(side.bus.announced) == 1
        assert code(await other.post("/api/v1/session", json={"email": ANA, "password": PASSWORD})) == (
            401,
            "wrong_credentials",
        )
        assert (await other.post("/api/v1/session", json={"email": ANA, "password": NEW})).status_code == 204


async def test_a_wrong_current_password_changes_nothing_and_is_slowed_down(side: HttpSide) -> None:
    """I-26."""
    async with side.signed_in(ANA) as ana:
        for _ in range(GUESS_RULE.burst):
            assert code(await ana.post(f"{ME}/password", json={"current": "wrong", "new": NEW})) == (
                401,
                "wrong_credentials",
            )
        side.clock.ahead_ms -= 60_000
        assert code(await ana.post(f"{ME}/password", json={"current": PASSWORD, "new": NEW})) == (429, "too_fast")
        record = await side.store.agent_by_email(ANA)
        assert record is not None
        assert await side.passwords.matches(PASSWORD, record.password_hash)


@pytest.mark.parametrize("new", ["", "short", "aaaaaaaaaaaa", ANA, "x" * 1001])
async def test_a_poor_password_is_refused_with_a_sentence(side: HttpSide, new: str) -> None:
    async with side.signed_in(ANA) as ana:
        answer = await ana.post(f"{ME}/password", json={"current": PASSWORD, "new": new})
        assert code(answer) == (400, "invalid")
        assert "password" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_photo_is_drawn_anew_and_shown_to_everybody(side: HttpSide, kind: str) -> None:
    """S-56, W-02."""
    async with side.signed_in(ANA) as ana:
        answer = await put(ana, picture(kind), f"image/{kind.lower()}")
        assert answer.status_code == 200, answer.text
        url = answer.json()["photo"]
        assert (await ana.get(ME)).json()["photo"] == url
    async with side.client() as anybody:
        shown = await anybody.get(url)
        plain = await anybody.get(url.partition("?")[0])
    assert shown.headers["content-type"] == "image/webp"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "immutable" in shown.headers["cache-control"]
    assert "immutable" not in plain.headers["cache-control"]
    assert plain.content == shown.content
    with Image.open(io.BytesIO(shown.content)) as image:
        assert (image.format, image.size) == ("WEBP", (SIDE, SIDE))


async def test_a_photo_can_be_taken_away(side: HttpSide) -> None:
    async with side.signed_in(ANA) as ana:
        url = (await put(ana, picture())).json()["photo"]
        assert (await ana.delete(f"{ME}/photo")).json() == {"photo": None}
        assert (await ana.get(ME)).json()["photo"] is None
        assert (await ana.get(url)).status_code == 204
        assert (await ana.get("/api/v1/photos/nobody")).status_code == 204
        assert (await ana.get("/api/v1/photos/$ne")).status_code == 404


async def test_what_else_is_in_the_file_is_not_served(side: HttpSide) -> None:
    """I-22: a picture that is also a page, with a place and a comment in it, comes out as a picture."""
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
async def test_what_is_no_photo_is_refused(side: HttpSide, name: str) -> None:
    async with side.signed_in(ANA) as ana:
        assert code(await put(ana, BAD[name])) == (400, "invalid")
        assert (await ana.get(ME)).json()["photo"] is None


async def test_a_photo_has_bounds(side: HttpSide) -> None:
    """In bytes, and in what a small file unfolds to."""
    async with side.signed_in(ANA) as ana:
        assert code(await put(ana, b"\0" * (UPLOAD_LIMIT + 1))) == (413, "too_large")
        bomb = picture("PNG", (5000, 4000))
        assert len(bomb) < UPLOAD_LIMIT
        assert code(await put(ana, bomb)) == (413, "too_large")
        assert code(await put(ana, picture("PNG", (12_000, 12_000)))) in ((400, "invalid"), (413, "too_large"))


async def test_only_ones_own_page_sends_a_photo(side: HttpSide) -> None:
    async with side.signed_in(ANA) as ana:
        assert code(await put(ana, picture(), "text/plain")) == (400, "invalid")
        answer = await ana.put(f"{ME}/photo", content=picture(), headers={"content-type": "image/png", "origin": SHOP})
        assert code(answer) == (403, "origin_refused")
    async with side.client(origin=ORIGIN) as nobody:
        assert code(await put(nobody, picture())) == (401, "not_signed_in")
        assert code(await nobody.patch(ME, json={"name": "Eve"})) == (401, "not_signed_in")
        assert code(await nobody.post(f"{ME}/password", json={"current": "a", "new": NEW})) == (401, "not_signed_in")
