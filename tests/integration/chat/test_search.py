"""Search of closed conversations: by words, newest first, in bounded steps, for one site (requirements S-12, I-18, I-28)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import SHORT_INTERVALS, Running, agent, running_chat, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def closed_chat(chat: Running, *texts: str, name: str = "Vera", country: str = "ES", site: str = "demo") -> str:
    """A closed conversation with these messages."""
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
    return [one.conversation for one in (await chat.list_conversations(text=text, **fields)).conversations]


async def pages(chat: Running, text: str, **fields: object) -> list[Sequence[str]]:
    """All pages of a search, each as a list of ids."""
    seen: list[Sequence[str]] = []
    cursor = ""
    while True:
        page = await chat.list_conversations(text=text, cursor=cursor, **fields)
        seen.append([one.conversation for one in page.conversations])
        cursor = page.next
        if not cursor:
            return seen


async def test_case_and_accents_are_ignored(chat: Running) -> None:
    tea = await closed_chat(chat, "Quiero una DEVOLUCIÓN,", "de la tetera; order A-1234", name="Íñigo")
    await closed_chat(chat, "The kettle drips")
    for text in ("devolucion", "Devolución tetera", "1234", "a-1234 quiero", "íñigo", "INIGO tetera"):
        await eventually(partial(found, chat, text))
        assert await found(chat, text) == [tea], text
    for text in ("devolucio", "devolución kettle", "order-12345"):
        assert await found(chat, text) == [], text


async def test_notes_are_found(chat: Running) -> None:
    ana = agent()
    vera = visitor()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    await chat.write(ana, conversation, text="Suspicious refund", kind="note")
    await chat.close(conversation, ana)
    await eventually(lambda: found(chat, "suspicious"))


async def test_a_conversation_is_found_after_its_end_only(chat: Running) -> None:
    vera = visitor()
    conversation = (await chat.write(vera, text="Teapot")).conversation
    await closed_chat(chat, "Teapot lid")
    first = await eventually(lambda: found(chat, "teapot"))
    assert conversation not in first
    await chat.close(conversation, vera)

    async def both() -> bool:
        return len(await found(chat, "teapot")) == 2

    await eventually(both)


async def test_pages_of_a_search_are_disjoint_and_complete(chat: Running) -> None:
    made = await asyncio.gather(*(closed_chat(chat, "Teapot", "again") for _ in range(23)))

    async def all_there() -> bool:
        return len(await found(chat, "teapot")) == len(made)

    await eventually(all_there)
    seen = await pages(chat, "teapot", limit=5)
    assert [len(page) for page in seen] == [5, 5, 5, 5, 3]
    flat = [one for page in seen for one in page]
    assert sorted(flat) == sorted(made)
    listed = [one.conversation for one in (await chat.list_conversations()).conversations]
    assert flat == listed, "newest first, as in the list"


@pytest.fixture
async def small_sizes(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[Running]:
    """A chat process that searches 4 conversations in a step and indexes in pages of 3 entries."""
    tuning = SHORT_INTERVALS._replace(max_searched=4, index_page_size=3)
    async with running_chat(mongodb_url, vhost_url, database_prefix, tmp_path, tuning) as running:
        yield running


async def test_a_search_step_is_bounded_and_marked_capped(small_sizes: Running) -> None:
    """Requirement I-28, with a small bound."""
    chat = small_sizes
    needles = [await closed_chat(chat, "Haystack needle") for _ in range(2)]
    for _ in range(9):
        await closed_chat(chat, "Haystack")
    newest = await closed_chat(chat, "Haystack needle")

    async def all_there() -> bool:
        return len([one for page in await pages(chat, "haystack") for one in page]) == 12

    await eventually(all_there)
    first = await chat.list_conversations(text="haystack needle")
    assert [one.conversation for one in first.conversations] == [newest]
    assert first.capped
    assert first.next
    flat = [one for page in await pages(chat, "haystack needle") for one in page]
    assert flat == [newest, *needles[::-1]]
    assert not (await chat.list_conversations(text="haystack", limit=3)).capped, "the page is full"


async def test_a_search_combines_with_every_filter(chat: Running) -> None:
    spain, france = await closed_chat(chat, "Teapot"), await closed_chat(chat, "Teapot", country="FR")
    flagged = chat_pb2.SetFlaggedRequest(site="demo", conversation=spain, flagged=True)
    await chat.pool.call(lambda stub: stub.SetFlagged, flagged)

    async def both() -> bool:
        return len(await found(chat, "teapot")) == 2

    await eventually(both)
    (state,) = (await chat.list_conversations(text="teapot", country="FR")).conversations
    assert state.conversation == france
    assert await found(chat, "teapot", only_flagged=True) == [spain]
    assert await found(chat, "teapot", visitors=[state.visitor.id, "unknown"]) == [france]
    assert await found(chat, "teapot", visitor="unknown") == []
    assert await found(chat, "teapot", status="active") == []
    assert await found(chat, "teapot", from_ms=state.started_at_ms + 1) == []
    assert set(await found(chat, "teapot", to_ms=state.started_at_ms + 1)) >= {france}
    without_words = await chat.list_conversations(country="FR")
    assert [one.conversation for one in without_words.conversations] == [france]


async def test_a_search_finds_only_the_own_site(chat: Running) -> None:
    """Requirement I-18."""
    ours = await closed_chat(chat, "Teapot")
    theirs = await closed_chat(chat, "Teapot", site="other")
    await eventually(lambda: found(chat, "teapot"))
    await eventually(lambda: found(chat, "teapot", site="other"))
    assert await found(chat, "teapot") == [ours]
    assert await found(chat, "teapot", site="other") == [theirs]


async def test_a_conversation_without_terms_is_indexed_again(chat: Running, database: Mongo) -> None:
    """As after a crash before indexing, a restored backup, or a change of the rules."""
    conversation = await closed_chat(chat, "Teapot")
    await eventually(lambda: found(chat, "teapot"))
    database["conversations"].update_one({"_id": conversation}, {"$unset": {"words": "", "filed": ""}})
    assert await eventually(lambda: found(chat, "teapot")) == [conversation]


async def test_a_long_log_is_indexed_to_its_end(small_sizes: Running) -> None:
    conversation = await closed_chat(small_sizes, *(f"line{number}" for number in range(8)))
    assert await eventually(lambda: found(small_sizes, "line0 line7")) == [conversation]


async def hits(chat: Running, text: str, reader: chat_pb2.Person) -> dict[str, tuple[int, str]]:
    """By conversation: the seq of the hit, and the excerpt with its marks in brackets."""
    page = await chat.list_conversations(text=text, reader=reader)
    return {hit.conversation: (hit.seq, _marked(hit)) for hit in page.hits}


def _marked(hit: chat_pb2.SearchHit) -> str:
    return "".join(f"[{part.text}]" if part.marked else part.text for part in hit.excerpt)


async def test_a_hit_is_the_message_with_the_words(chat: Running) -> None:
    tea = await closed_chat(chat, "Hola", "La tetera", "Quiero una DEVOLUCIÓN", "La devolución de la tetera")
    refund = await closed_chat(chat, "您好，我想申请退款，谢谢")
    named = await closed_chat(chat, "Hello", name="Íñigo")
    for text, wanted in {
        "devolucion": {tea: (4, "Quiero una [DEVOLUCIÓN]")},
        "tetera devolucion": {tea: (5, "La [devolución] de la [tetera]")},
        "退款": {refund: (2, "您好，我想申请[退款]，谢谢")},
        "inigo": {},
    }.items():
        await eventually(partial(found, chat, text))
        assert await hits(chat, text, agent()) == wanted, text
    assert await found(chat, "inigo") == [named], "found by the name, which is no text of the log"
    assert not (await chat.list_conversations(text="devolucion")).hits, "without a reader"
    assert not (await chat.list_conversations(reader=agent())).hits, "without a search"


async def test_a_hit_of_a_note_is_for_agents_only(chat: Running) -> None:
    """Requirement I-20."""
    ana, vera = agent(), visitor()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    await chat.write(ana, conversation, text="Suspicious refund", kind="note")
    await chat.close(conversation, ana)
    await eventually(lambda: found(chat, "suspicious"))
    assert set(await hits(chat, "suspicious", ana)) == {conversation}
    assert await hits(chat, "suspicious", vera) == {}


async def test_a_conversation_indexed_by_an_earlier_version_gets_its_hit(chat: Running, database: Mongo) -> None:
    conversation = await closed_chat(chat, "Teapot")
    await eventually(lambda: found(chat, "teapot"))
    earlier = {"$unset": {"seqs": ""}, "$set": {"filed": 2}}
    database["conversations"].update_one({"_id": conversation}, earlier)
    assert await found(chat, "teapot") == [conversation]
    assert await eventually(lambda: hits(chat, "teapot", agent())) == {conversation: (2, "[Teapot]")}


async def test_malformed_searches_are_refused(chat: Running) -> None:
    for fields in (
        {"text": "…?!"},
        {"text": "x" * 201},
        {"text": "a\0b"},
        {"country": "es"},
        {"country": "$ne"},
        {"visitors": ["$ne"]},
        {"visitors": ["v"] * 101},
        {"reader": chat_pb2.Person(kind="robot", id="1")},
    ):
        with pytest.raises(Refused) as refused:
            await chat.list_conversations(**fields)
        assert refused.value.code is Code.INVALID
    assert (await chat.list_conversations(text=" ")).next == ""
