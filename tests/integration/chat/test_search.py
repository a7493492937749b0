"""Search of closed conversations: by words, newest first, in bounded steps, a site's own (S-12, I-18, I-28)."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import Running, agent, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def told(chat: Running, *texts: str, name: str = "Vera", country: str = "ES", site: str = "demo") -> str:
    """A conversation in which this was said, over and filed."""
    vera = visitor()
    vera.name = name
    items = [
        chat_pb2.AppendItem(author=vera, kind="message", client_id=f"{number}", text=text, country=country)
        for number, text in enumerate(texts)
    ]
    conversation = (await chat.append(*items, site=site))[0].conversation
    await chat.close(conversation, vera, site=site)
    return conversation


async def found(chat: Running, text: str, **fields: object) -> list[str]:
    return [one.conversation for one in (await chat.listed(text=text, **fields)).conversations]


async def pages(chat: Running, text: str, **fields: object) -> list[Sequence[str]]:
    """All pages of a search, each as its ids."""
    seen: list[Sequence[str]] = []
    cursor = ""
    while True:
        page = await chat.listed(text=text, cursor=cursor, **fields)
        seen.append([one.conversation for one in page.conversations])
        cursor = page.next
        if not cursor:
            return seen


async def test_words_are_found_whatever_their_case_and_accents(chat: Running) -> None:
    tea = await told(chat, "Quiero una DEVOLUCIÓN,", "de la tetera; order A-1234", name="Íñigo")
    await told(chat, "The kettle drips")
    for text in ("devolucion", "Devolución tetera", "1234", "a-1234 quiero", "íñigo", "INIGO tetera"):
        await eventually(partial(found, chat, text))
        assert await found(chat, text) == [tea], text
    for text in ("devolucio", "devolución kettle", "order-12345"):
        assert await found(chat, text) == [], text


async def test_notes_are_found_too(chat: Running) -> None:
    ana = agent()
    vera = visitor()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    await chat.say(ana, conversation, text="Suspicious refund", kind="note")
    await chat.close(conversation, ana)
    await eventually(lambda: found(chat, "suspicious"))


async def test_an_open_one_is_found_when_it_is_over(chat: Running) -> None:
    vera = visitor()
    conversation = (await chat.say(vera, text="Teapot")).conversation
    await told(chat, "Teapot lid")
    first = await eventually(lambda: found(chat, "teapot"))
    assert conversation not in first
    await chat.close(conversation, vera)

    async def both() -> bool:
        return len(await found(chat, "teapot")) == 2

    await eventually(both)


async def test_pages_of_a_search_overlap_nowhere_and_leave_nothing_out(chat: Running) -> None:
    made = await asyncio.gather(*(told(chat, "Teapot", "again") for _ in range(23)))

    async def all_there() -> bool:
        return len(await found(chat, "teapot")) == len(made)

    await eventually(all_there)
    seen = await pages(chat, "teapot", limit=5)
    assert [len(page) for page in seen] == [5, 5, 5, 5, 3]
    flat = [one for page in seen for one in page]
    assert sorted(flat) == sorted(made)
    listed = [one.conversation for one in (await chat.listed()).conversations]
    assert flat == listed, "newest first, as the list has it"


async def test_the_work_of_a_look_is_bounded_and_it_says_so(chat: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """I-28: the bound is made small, for what happens at it is what matters."""
    monkeypatch.setattr("services.chat.store.store.search.SEARCHED", 4)
    needles = [await told(chat, "Haystack needle") for _ in range(2)]
    for _ in range(9):
        await told(chat, "Haystack")
    newest = await told(chat, "Haystack needle")

    async def all_there() -> bool:
        return len([one for page in await pages(chat, "haystack") for one in page]) == 12

    await eventually(all_there)
    first = await chat.listed(text="haystack needle")
    assert [one.conversation for one in first.conversations] == [newest]
    assert first.capped
    assert first.next
    flat = [one for page in await pages(chat, "haystack needle") for one in page]
    assert flat == [newest, *needles[::-1]]
    assert not (await chat.listed(text="haystack", limit=3)).capped, "a full page is what was asked for"


async def test_a_search_goes_with_every_filter(chat: Running) -> None:
    spain, france = await told(chat, "Teapot"), await told(chat, "Teapot", country="FR")
    flagged = chat_pb2.SetFlaggedRequest(site="demo", conversation=spain, flagged=True)
    await chat.pool.call(lambda stub: stub.SetFlagged, flagged)

    async def both() -> bool:
        return len(await found(chat, "teapot")) == 2

    await eventually(both)
    (state,) = (await chat.listed(text="teapot", country="FR")).conversations
    assert state.conversation == france
    assert await found(chat, "teapot", only_flagged=True) == [spain]
    assert await found(chat, "teapot", visitors=[state.visitor.id, "nobody"]) == [france]
    assert await found(chat, "teapot", visitor="nobody") == []
    assert await found(chat, "teapot", status="active") == []
    assert await found(chat, "teapot", from_ms=state.started_at_ms + 1) == []
    assert set(await found(chat, "teapot", to_ms=state.started_at_ms + 1)) >= {france}
    without_words = await chat.listed(country="FR")
    assert [one.conversation for one in without_words.conversations] == [france]


async def test_another_site_finds_nothing_of_ours(chat: Running) -> None:
    """I-18."""
    ours = await told(chat, "Teapot")
    theirs = await told(chat, "Teapot", site="other")
    await eventually(lambda: found(chat, "teapot"))
    await eventually(lambda: found(chat, "teapot", site="other"))
    assert await found(chat, "teapot") == [ours]
    assert await found(chat, "teapot", site="other") == [theirs]


async def test_what_was_not_filed_or_by_older_rules_is_filed(chat: Running, database: Mongo) -> None:
    """A crash between the end and the filing, a restored backup, new rules for words: all the same."""
    conversation = await told(chat, "Teapot")
    await eventually(lambda: found(chat, "teapot"))
    database["conversations"].update_one({"_id": conversation}, {"$unset": {"words": "", "filed": ""}})
    assert await eventually(lambda: found(chat, "teapot")) == [conversation]


async def test_a_long_log_is_filed_to_its_end(chat: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chat.app.search_indexer.PAGE", 3)
    conversation = await told(chat, *(f"line{number}" for number in range(8)))
    assert await eventually(lambda: found(chat, "line0 line7")) == [conversation]


async def test_what_cannot_be_searched_for_is_refused(chat: Running) -> None:
    for fields in (
        {"text": "…?!"},
        {"text": "x" * 201},
        {"text": "a\0b"},
        {"country": "es"},
        {"country": "$ne"},
        {"visitors": ["$ne"]},
        {"visitors": ["v"] * 101},
    ):
        with pytest.raises(Refused) as refused:
            await chat.listed(**fields)
        assert refused.value.code is Code.INVALID
    assert (await chat.listed(text=" ")).next == ""
