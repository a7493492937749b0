"""Making closed conversations findable by their words, off the path of the messages.

A log that is closed stays as it is, so its words are gathered once, from the log; the document without them is the work list, so nothing is
forgotten by a crash, and whoever files twice writes the same.
"""

import asyncio

from kit.runtime.logs import Log
from kit.text.search_terms import index_terms
from kit.vocabulary import TEXT_KINDS
from services.chat.domain.log import Entry
from services.chat.ports import ConversationStore, SearchIndex

# An agent who looks for the chat that ended just now will not have typed sooner.
EVERY_S = 1.0
# One look into the work list.
CHUNK = 50
# Between two full chunks: after a change of the rules everything is filed anew, and running chats go first.
PAUSE_S = 0.2
PAGE = 500
# 10,000 different words are a long novel's; a document and the keys to it stay bounded.
WORDS_LIMIT = 10_000


class SearchIndexer:
    """Every process files; the work list is shared."""

    def __init__(self, store: ConversationStore, index: SearchIndex, *, log: Log) -> None:
        self._store = store
        self._index = index
        self._log = log

    async def run(self) -> None:
        """Files until cancelled."""
        while True:
            try:
                filed = await self.round()
            except Exception as error:  # noqa: BLE001 - the database is away, or something is wrong: the next round tells
                self._log.warning("closed conversations could not be filed", error=repr(error))
                filed = 0
            await asyncio.sleep(PAUSE_S if filed == CHUNK else EVERY_S)

    async def round(self) -> int:
        """Files a chunk of what waits; gives how many."""
        waiting = await self._index.unfiled(CHUNK)
        for conversation in waiting:
            await self._index.file(conversation, await self._words(conversation))
        return len(waiting)

    async def _words(self, conversation: str) -> list[str]:
        """Texts first page by page, so that a long log is never in memory as a whole."""
        words: dict[str, None] = {}
        after = 0
        while len(words) < WORDS_LIMIT:
            page = await self._store.page(conversation, after, PAGE)
            for entry in page:
                words.update(dict.fromkeys(index_terms(_texts(entry), WORDS_LIMIT)))
            if len(page) < PAGE:
                break
            after = page[-1].seq
        return list(words)[:WORDS_LIMIT]


def _texts(entry: Entry) -> list[str]:
    """What was written, and what the visitor was called then."""
    texts = [entry.text] if entry.kind in TEXT_KINDS else []
    if entry.author.kind == "visitor":
        texts.append(entry.author.name)
    return [*texts, entry.visitor.name] if entry.visitor else texts
