"""Messages on their way to chat: batches of what gathered while the last batch was under way, one queue per replica of chat.

Messages of one conversation never share a batch and keep their order. A result that is not known in time is `retry`: the client
sends the same again and gets the first one's place.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from palique.chat.v1.chat_pb2 import AppendItem, AppendRequest, AppendResponse, AppendResult

from kit.batching import Batcher
from kit.codes import Code, Refused
from kit.failpoints import Failpoints
from services.gateway.backends import ChatPool

# The contract with browsers: by then the client is told to try again.
APPEND_TIMEOUT_S = 5.0
# The outcome of a call that timed out is unknown; a second later a replica is back or another one answers.
RETRY_MS = 1000


class PendingAppend(NamedTuple):
    site: str
    item: AppendItem
    key: str


Settle = Callable[[AppendResult | Refused], None]


class AppendBatcher:
    """Appends through chat. `run` must be running."""

    def __init__(self, chat: ChatPool, *, failpoints: Failpoints) -> None:
        self._chat = chat
        self._append = failpoints.around(self._appended, before="send.before_call", after="send.after_call")
        self._batchers: dict[str, Batcher[PendingAppend, AppendResult]] = {
            # The call's own deadline comes first; the batcher's is the net below.
            address: Batcher(self._send, timeout_s=APPEND_TIMEOUT_S + 1)
            for address in chat.addresses
        }

    def __len__(self) -> int:
        return sum(len(batcher) for batcher in self._batchers.values())

    async def run(self) -> None:
        """Sends until cancelled."""
        async with asyncio.TaskGroup() as group:
            for batcher in self._batchers.values():
                group.create_task(batcher.run())

    def append(self, site: str, item: AppendItem, key: str, settle: Settle) -> None:
        """Calls `settle` once, later. `key` names the conversation as far as the caller knows it. Refused when too much waits."""
        batcher = self._batchers[self._chat.first(key)]
        batcher.post(PendingAppend(site, item, key), lambda result: settle(_refused(result)), key)

    async def _send(self, postings: Sequence[PendingAppend]) -> Sequence[AppendResult | Exception]:
        sites: dict[str, list[int]] = {}
        for index, posting in enumerate(postings):
            sites.setdefault(posting.site, []).append(index)
        calls = [self._call(site, [postings[index] for index in indexes]) for site, indexes in sites.items()]
        found = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
        results: list[AppendResult | Exception] = [AppendResult()] * len(postings)
        for indexes, answers in zip(sites.values(), found, strict=True):
            for index, answer in zip(indexes, answers, strict=True):
                results[index] = answer
        return results

    async def _call(self, site: str, postings: Sequence[PendingAppend]) -> Sequence[AppendResult | Exception]:
        request = AppendRequest(site=site, items=[posting.item for posting in postings])
        try:
            response = await self._append(request, postings[0].key)
        except Refused as refused:
            return [refused] * len(postings)
        if len(response.results) != len(postings):
            return [Refused(Code.RETRY, "The outcome is unknown.", RETRY_MS)] * len(postings)
        return list(response.results)

    async def _appended(self, request: AppendRequest, key: str) -> AppendResponse:
        return await self._chat.call(lambda stub: stub.Append, request, key=key, timeout_s=APPEND_TIMEOUT_S)


def _refused(result: AppendResult | Exception) -> AppendResult | Refused:
    if isinstance(result, AppendResult | Refused):
        return result
    return Refused(Code.RETRY, "The outcome is unknown.", RETRY_MS)
