"""Background indexing of closed conversations for the search.

A closed log does not change, so its search terms are computed once, from the log. Documents without terms are the work list, so a crash
loses nothing, and indexing twice writes the same terms.
"""

import asyncio
from itertools import islice

from kit.runtime.logs import Log
from kit.text.search_terms import index_terms
from kit.vocabulary import TEXT_KINDS
from services.chat.domain.log import Entry
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore, SearchIndex

# An agent cannot type a search for a chat that has just ended faster than this.
INDEX_INTERVAL_S = 1.0
# One read of the work list.
INDEX_BATCH = 50
# Between two full batches: after a change of the rules all conversations are indexed again, and live chats have priority.
PAUSE_S = 0.2
# Full batches between two counts of the work list, which reads many index keys.
COUNT_EVERY = 50
INDEX_PAGE_SIZE = 500
# More than a long novel has; it bounds the document and its index keys.
MAX_TERMS = 10_000


class SearchIndexer:
    """Every process indexes; the work list is shared."""

    def __init__(
        self,
        store: ConversationStore,
        index: SearchIndex,
        *,
        log: Log,
        metrics: Metrics,
        interval_s: float = INDEX_INTERVAL_S,
        page_size: int = INDEX_PAGE_SIZE,
    ) -> None:
        self._store = store
        self._index = index
        self._log = log
        self._metrics = metrics
        self._full_batches = 0
        self._interval_s = interval_s
        self._page_size = page_size

    async def run(self) -> None:
        """Indexes until cancelled."""
        while True:
            try:
                indexed = await self.index_batch()
                await self._measure(indexed)
            except Exception as error:  # noqa: BLE001 - database away or a fault: the next round retries
                self._log.warning("search indexing failed", error=repr(error))
                indexed = 0
            await asyncio.sleep(PAUSE_S if indexed == INDEX_BATCH else self._interval_s)

    async def index_batch(self) -> int:
        """Indexes one batch of the work list; returns its size."""
        waiting = await self._index.unindexed(INDEX_BATCH)
        for conversation_id in waiting:
            await self._index.index(conversation_id, await self._search_terms(conversation_id))
        return len(waiting)

    async def _measure(self, indexed: int) -> None:
        """Sets the gauge of the work list, which is empty after a batch that is not full."""
        self._full_batches = self._full_batches + 1 if indexed == INDEX_BATCH else 0
        if not self._full_batches:
            self._metrics.outdated.set(0)
        elif self._full_batches % COUNT_EVERY == 1:
            self._metrics.outdated.set(await self._index.outdated())

    async def _search_terms(self, conversation_id: str) -> dict[str, int]:
        """The terms with their first entries. Reads the log in pages, so that a long log is never in memory as a whole."""
        terms: dict[str, int] = {}
        after = 0
        while len(terms) < MAX_TERMS:
            page = await self._store.log_page(conversation_id, after, self._page_size)
            for entry in page:
                _add_terms(terms, entry)
            if len(page) < self._page_size:
                break
            after = page[-1].seq
        return dict(islice(terms.items(), MAX_TERMS))


def _add_terms(terms: dict[str, int], entry: Entry) -> None:
    """Adds the text of a message or note, and at 0 the visitor's name at that time."""
    if entry.kind in TEXT_KINDS:
        for term in index_terms([entry.text], MAX_TERMS):
            terms[term] = terms.get(term) or entry.seq
    for term in index_terms(_names(entry), MAX_TERMS):
        terms.setdefault(term, 0)


def _names(entry: Entry) -> list[str]:
    names = [entry.author.name] if entry.author.kind == "visitor" else []
    return [*names, entry.visitor.name] if entry.visitor else names
