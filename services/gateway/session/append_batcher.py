"""Batches messages into Append calls of chat: messages that arrive during a call go together in the next. One queue per replica.

Replicas come and go, because a name of the settings resolves to others over time. A queue starts with the first message for its replica.

Messages of one conversation never share a batch and keep their order. A result that is not known in time is `retry`: the client
sends the message again with the same client id and gets the entry of the first attempt.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from palique.chat.v1.chat_pb2 import AppendItem, AppendRequest, AppendResponse, AppendResult

from kit.batching import Batcher
from kit.codes import Code, Refused
from kit.failpoints import Failpoints
from services.gateway.backends import ChatPool

# Set by docs/protocol.md: after this time the client is asked to retry.
APPEND_TIMEOUT_S = 5.0
# The result of a call that timed out is unknown. A second later the replica is back, or another one answers.
RETRY_MS = 1000


class PendingAppend(NamedTuple):
    """A message that waits for its batch. `key` selects the replica and the order."""

    site_key: str
    item: AppendItem
    key: str


class _Queue(NamedTuple):
    batcher: Batcher[PendingAppend, AppendResult]
    task: asyncio.Task[None]


class AppendBatcher:
    """Appends messages through chat. `run` must be running; else every message is refused."""

    def __init__(self, chat: ChatPool, *, failpoints: Failpoints) -> None:
        self._chat = chat
        self._append = failpoints.around(self._call_chat, before="send.before_call", after="send.after_call")
        self._group: asyncio.TaskGroup | None = None
        self._queues: dict[str, _Queue] = {}
        # By key, the newest message without a result. Results of one key arrive in order.
        self._newest: dict[str, asyncio.Future[AppendResult]] = {}

    def __len__(self) -> int:
        return sum(len(queue.batcher) for queue in self._queues.values())

    async def run(self) -> None:
        """Sends batches until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                try:
                    await asyncio.Event().wait()
                finally:
                    self._group = None
        finally:
            self._queues.clear()

    def append(self, site_key: str, item: AppendItem, key: str) -> asyncio.Future[AppendResult]:
        """The place of the message in its log. Refused at once when too many wait; the future raises Refused for this message.

        `key` is the conversation, or the visitor while the conversation is not known.
        """
        future = self._batcher(self._chat.first(key)).submit_nowait(PendingAppend(site_key, item, key), key)
        self._newest[key] = future
        future.add_done_callback(partial(self._forget, key))
        return future

    async def finished(self, *keys: str) -> None:
        """Returns once the messages of these keys that arrived before have their results, or their time is over.

        A change that ends the right to write, such as a close, would overtake them otherwise.
        """
        pending = [future for key in keys if (future := self._newest.get(key)) is not None]
        if pending:
            await asyncio.wait(pending, timeout=APPEND_TIMEOUT_S + 1)

    def _forget(self, key: str, future: asyncio.Future[AppendResult]) -> None:
        if self._newest.get(key) is future:
            del self._newest[key]

    def _batcher(self, address: str) -> Batcher[PendingAppend, AppendResult]:
        queue = self._queues.get(address)
        if queue is not None:
            return queue.batcher
        if self._group is None:
            raise Refused(Code.UNAVAILABLE, "The service is starting or stopping.", RETRY_MS)
        self._end_queues_of_lost_replicas()
        # The deadline of the call comes first; the batcher's deadline is the safety net.
        batcher: Batcher[PendingAppend, AppendResult] = Batcher(self._send, timeout_s=APPEND_TIMEOUT_S + 1)
        self._queues[address] = _Queue(batcher, self._group.create_task(batcher.run()))
        return batcher

    def _end_queues_of_lost_replicas(self) -> None:
        """A queue that still has messages sends them to other replicas first, and ends with the next new replica."""
        for address in self._queues.keys() - set(self._chat.addresses):
            if self._queues[address].batcher.is_idle:
                self._queues.pop(address).task.cancel()

    async def _send(self, batch: Sequence[PendingAppend]) -> Sequence[AppendResult | Exception]:
        sites: dict[str, list[int]] = {}
        for index, pending in enumerate(batch):
            sites.setdefault(pending.site_key, []).append(index)
        calls = [self._append_to_site(key, [batch[index] for index in indexes]) for key, indexes in sites.items()]
        answers = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
        results: list[AppendResult | Exception] = [AppendResult()] * len(batch)
        for indexes, of_site in zip(sites.values(), answers, strict=True):
            for index, result in zip(indexes, of_site, strict=True):
                results[index] = result
        return results

    async def _append_to_site(
        self, site_key: str, batch: Sequence[PendingAppend]
    ) -> Sequence[AppendResult | Exception]:
        request = AppendRequest(site=site_key, items=[pending.item for pending in batch])
        try:
            response = await self._append(request, batch[0].key)
        except Refused as refused:
            return [refused] * len(batch)
        if len(response.results) != len(batch):
            return [outcome_unknown()] * len(batch)
        return [_refusal(result) if result.code else result for result in response.results]

    async def _call_chat(self, request: AppendRequest, key: str) -> AppendResponse:
        return await self._chat.call(lambda stub: stub.Append, request, key=key, timeout_s=APPEND_TIMEOUT_S)


def outcome_unknown() -> Refused:
    """The message may be stored or not; the client sends it again."""
    return Refused(Code.RETRY, "The outcome is unknown.", RETRY_MS)


def _refusal(result: AppendResult) -> Refused:
    code = Code(result.code) if result.code in set(Code) else Code.UNAVAILABLE
    return Refused(code, result.message, result.retry_ms or None)
