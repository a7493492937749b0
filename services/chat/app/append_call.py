"""One Append call: its items side by side, those of one conversation one after another in the order of the request.

There is no task per item: hundreds of messages a second come in hundreds, and the first try nearly always does it.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from kit.runtime.logs import Log
from services.chat import validation
from services.chat.app.append import RETRY_MS, Appended, Settle
from services.chat.app.commands import ConversationCommands
from services.chat.app.open_conversation import GeoPlace
from services.chat.domain.commands import Write
from services.chat.domain.log import Person

Speaker = Callable[[str, chat_pb2.Person], Person]


class AppendCall:
    """`results` may be called once. `speaker` gives whom the caller may speak for; it is called after the call's context is gone, too."""

    def __init__(
        self,
        site: str,
        items: Sequence[chat_pb2.AppendItem],
        commanding: ConversationCommands,
        speaker: Speaker,
        *,
        log: Log,
    ) -> None:
        self._site = site
        self._items = items
        self._commanding = commanding
        self._speaker = speaker
        self._log = log
        self._results: dict[int, chat_pb2.AppendResult] = {}
        self._all: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def results(self) -> list[chat_pb2.AppendResult]:
        """As many as items, in their order; one item's refusal or accident does not touch the others."""
        for row in self._rows():
            self._next(row)
        if self._items:
            await self._all
        return [self._results[position] for position in range(len(self._items))]

    def _rows(self) -> list[Iterator[int]]:
        rows: dict[object, list[int]] = {}
        for position, item in enumerate(self._items):
            rows.setdefault(item.conversation or ("new", item.author.id), []).append(position)
        return [iter(row) for row in rows.values()]

    def _next(self, row: Iterator[int]) -> None:
        for position in row:
            if self._all.done():  # before all are there: the caller has gone
                return
            try:
                self._post(self._items[position], partial(self._settle, row, position))
            except Exception as error:  # noqa: BLE001 - it is this item's, and none of the others'
                self._record(position, error)
            else:
                return  # the next one when this one is settled

    def _post(self, item: chat_pb2.AppendItem, settle: Settle) -> None:
        conversation = validation.conversation(item.conversation) if item.conversation else ""
        place = GeoPlace(validation.country(item.country), validation.region(item.region))
        self._commanding.post(conversation, self._command(item), place, validation.origin(item.origin), settle)

    def _command(self, item: chat_pb2.AppendItem) -> Write:
        return Write(
            site=self._site,
            by=self._speaker("author", item.author),
            kind=validation.text_kind(item.kind),
            client_id=validation.client_id(item.client_id),
            text=validation.text(item.text),
        )

    def _settle(self, row: Iterator[int], position: int, result: Appended | Exception) -> None:
        self._record(position, result)
        self._next(row)

    def _record(self, position: int, result: Appended | Exception) -> None:
        self._results[position] = self._answer(result)
        if len(self._results) == len(self._items) and not self._all.done():
            self._all.set_result(None)

    def _answer(self, result: Appended | Exception) -> chat_pb2.AppendResult:
        if isinstance(result, Refused):
            return chat_pb2.AppendResult(code=str(result.code), message=result.message, retry_ms=result.retry_ms or 0)
        if isinstance(result, Exception) or result.entry is None:
            self._log.error("an item could not be appended", exc_info=result)
            return chat_pb2.AppendResult(code=str(Code.RETRY), message="The outcome is unknown.", retry_ms=RETRY_MS)
        return chat_pb2.AppendResult(
            conversation=result.entry.conversation,
            epoch=result.state.epoch,
            seq=result.entry.seq,
            at_ms=result.entry.at_ms,
            duplicate=result.duplicate,
        )
