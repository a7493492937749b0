"""Limit of the chats that visitors of one network open at one gateway. The chat service limits those of one visitor, for all gateways."""

import asyncio
from collections.abc import Callable

from palique.chat.v1.chat_pb2 import AppendResult

from kit.codes import Code, Refused
from services.gateway.connection.token_bucket import BucketTable

# The seq of a message that opened its conversation: it follows the entry `opened`.
OPENING_SEQ = 2


class NewChatLimit:
    """Takes a token for each message that may open a chat, and gives it back for one that did not. No network: no limit."""

    def __init__(self, buckets: BucketTable, now: Callable[[], int]) -> None:
        self._buckets = buckets
        self._now = now

    def take(self, network: str | None) -> Refused | None:
        """The refusal; None when the message may open a chat."""
        if network is None:
            return None
        bucket, now_ms = self._buckets.of(network), self._now()
        wait_ms = bucket.take(now_ms)
        if not wait_ms:
            return None
        wait_ms = bucket.promise(now_ms, wait_ms)
        return Refused(Code.TOO_FAST, f"Too many new chats from this address; try again in {wait_ms} ms.", wait_ms)

    def give_back(self, network: str | None) -> None:
        """The message opened no chat."""
        if network is not None:
            self._buckets.of(network).give_back()

    def give_back_unopened(self, network: str | None, future: asyncio.Future[AppendResult]) -> None:
        """The append has ended, with or without a new chat."""
        failed = future.exception() is not None
        if failed or future.result().duplicate or future.result().seq != OPENING_SEQ:
            self.give_back(network)
