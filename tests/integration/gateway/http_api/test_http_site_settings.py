"""A site's settings: access, validation, and version conflicts (S-03, S-04)."""

import httpx
import pytest

from kit.vocabulary import LANGUAGES
from services.gateway.accounts.model import Site
from tests.integration.gateway.http_api.answers import ok, problem
from tests.integration.gateway.http_api.http_side import ORIGIN, SHOP, HttpSide
from tests.support.json_object import JsonObject

PATH = "/api/v1/site"
ROOT = "root@shop.test"


async def patch(side: HttpSide, email: str = ROOT, **body: object) -> httpx.Response:
    async with side.signed_in(email) as client:
        return await client.patch(PATH, json={"version": 0, **body})


async def kept(side: HttpSide, key: str = "shop") -> Site:
    found = await side.store.site(key)
    assert found is not None
    return found


async def test_agents_read_the_settings_that_administrators_write(side: HttpSide) -> None:
    answer = await patch(
        side,
        name="  The   shop ",
        enabled=False,
        origins=["https://SHOP.example/", "http://shop.example:80", "https://a.example:8443", "https://shop.example"],
        colours={"light": "#AABBCC", "dark": "#112233"},
        position="left",
        consent=True,
        teams=True,
        texts={"es": {"title": "Ayuda", "online": " ¡Hola! ", "offline": ""}},
    )
    assert answer.status_code == 200, answer.text
    wanted = {
        "site": "shop",
        "version": 1,
        "name": "The shop",
        "enabled": False,
        "origins": ["https://shop.example", "http://shop.example", "https://a.example:8443"],
        "colours": {"light": "#aabbcc", "dark": "#112233"},
        "position": "left",
        "consent": True,
        "teams": True,
        "texts": {
            **{language: {"title": "", "online": "", "offline": ""} for language in LANGUAGES},
            "es": {"title": "Ayuda", "online": "¡Hola!", "offline": ""},
        },
    }
    assert answer.json() == wanted
    async with side.signed_in("ana@shop.test") as ana:
        assert ok(await ana.get(PATH)) == wanted
    assert side.site_bus.announced == ["shop"]


async def test_absent_fields_do_not_change(side: HttpSide) -> None:
    await patch(side, texts={"en": {"title": "Help"}})
    answer = await patch(side, version=1, texts={"es": {"title": "Ayuda"}})
    assert answer.json()["texts"]["en"]["title"] == "Help"
    assert answer.json()["origins"] == [SHOP]
    assert answer.json()["version"] == 2


async def test_an_agent_may_not_change_the_site(side: HttpSide) -> None:
    """S-04."""
    answer = await patch(side, "ana@shop.test", enabled=False)
    assert problem(answer) == (403, "forbidden")
    assert (await kept(side)).enabled
    assert side.site_bus.announced == []


async def test_the_site_needs_a_session(side: HttpSide) -> None:
    async with side.client(origin=ORIGIN) as signed_out:
        assert problem(await signed_out.get(PATH)) == (401, "not_signed_in")
        assert problem(await signed_out.patch(PATH, json={"version": 0})) == (401, "not_signed_in")


async def test_another_sites_page_may_not_change_the_site(side: HttpSide) -> None:
    async with side.signed_in(ROOT) as client:
        answer = await client.patch(PATH, json={"version": 0, "enabled": False}, headers={"origin": SHOP})
    assert problem(answer) == (403, "origin_refused")


async def test_an_old_version_is_refused_with_the_current_settings(side: HttpSide) -> None:
    """Two administrators at once do not overwrite each other silently."""
    assert (await patch(side, name="First")).status_code == 200
    answer = await patch(side, name="Second")
    assert problem(answer) == (409, "conflict")
    assert (answer.json()["current"]["name"], answer.json()["current"]["version"]) == ("First", 1)
    assert (await kept(side)).name == "First"


async def test_a_site_stored_without_a_version_is_version_0(side: HttpSide) -> None:
    document = {"_id": "shop", "name": "Old", "enabled": True, "origins": [SHOP]}
    await side.collection("sites").replace_one({"_id": "shop"}, document)
    assert (await patch(side, name="New")).json()["version"] == 1


WRONG: list[JsonObject] = [
    {"name": ""},
    {"name": "  \t "},
    {"name": "\u202egnirts"},
    {"name": "x" * 101},
    {"name": 1},
    {"enabled": "yes"},
    {"enabled": None},
    {"origins": ["https://shop.example/path"]},
    {"origins": ["javascript:alert(1)"]},
    {"origins": ["https://a b"]},
    {"origins": ["*"]},
    {"origins": ["null"]},
    {"origins": [f"https://{number}.example" for number in range(21)]},
    {"origins": "https://shop.example"},
    {"colours": {"light": "red", "dark": "#000000"}},
    {"colours": {"light": "#0c6b58;}", "dark": "#000000"}},
    {"colours": {"light": "#0c6b5", "dark": "#000000"}},
    {"colours": {"light": "#0c6b58", "dark": "#000000", "text": "#000000"}},
    {"position": "top"},
    {"consent": 1},
    {"teams": 1},
    {"texts": {"xx": {"title": "Aide"}}},
    {"texts": {"en": {"title": "x" * 61}}},
    {"texts": {"en": {"online": "x" * 301}}},
    {"texts": {"en": {"online": "a\u0000b"}}},
    {"texts": {"en": {"greeting": "Hello"}}},
    {"key": "other"},
    {"version": -1},
    {"version": "0"},
]


async def test_an_invalid_setting_is_refused_with_a_sentence(side: HttpSide) -> None:
    async with side.signed_in(ROOT) as client:
        for body in WRONG:
            answer = await client.patch(PATH, json={"version": 0, **body})
            assert problem(answer) == (400, "invalid"), body
            assert answer.json()["detail"].endswith("."), body
    assert (await kept(side)).version == 0


async def test_an_administrator_changes_only_the_own_site(side: HttpSide) -> None:
    """The session determines the site; no body can name another."""
    await side.add_agent("other", "boss@other.test", "administrator")
    assert (await patch(side, "boss@other.test", name="Mine")).json()["site"] == "other"
    assert (await kept(side)).name == "Site shop"


@pytest.mark.parametrize(("background", "text"), [("#ffee00", "#000000"), ("#101080", "#ffffff")])
async def test_visitors_get_the_text_colour_with_the_higher_contrast(
    side: HttpSide, background: str, text: str
) -> None:
    await patch(side, colours={"light": background, "dark": background})
    side.identities.forget_site("shop")
    async with side.client(origin=SHOP) as client:
        site = (await client.post("/api/v1/visitor/session", json={"site": "shop"})).json()["site"]
    assert site["colours"]["light"] == {"background": background, "text": text}
    assert "origins" not in site
    assert "version" not in site
