"""Use cases that change conversations: append messages and notes, start, accept, release, take over, close, flag."""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

from kit.codes import Code, Refused
from kit.runtime.logs import Log
from services.chat.app.append import Appended, Appender, AppendRequest, Outcome
from services.chat.app.open_conversation import ConversationOpener, GeoPlace
from services.chat.app.post_commit import PostCommit
from services.chat.app.queries import ConversationQueries
from services.chat.domain.commands import (
    Accept,
    Close,
    Command,
    Release,
    TakeOver,
    Write,
    may_open_with,
    may_start,
    not_found,
)
from services.chat.domain.log import Person, State
from services.chat.ports import ConversationRecord, ConversationStore


class TextItem(NamedTuple):
    """A message or note to append. Without a conversation: to the visitor's open one, which is opened if there is none."""

    conversation_id: str
    command: Write
    place: GeoPlace
    origin: str


class ConversationCommands:
    """Every method may raise Refused, and every one may be repeated."""

    def __init__(
        self,
        store: ConversationStore,
        appender: Appender,
        opener: ConversationOpener,
        post_commit: PostCommit,
        queries: ConversationQueries,
        *,
        log: Log,
    ) -> None:
        self._store = store
        self._appender = appender
        self._opener = opener
        self._post_commit = post_commit
        self._queries = queries
        self._log = log

    async def append_all(self, items: Sequence[TextItem]) -> list[Outcome]:
        """One outcome for each item, in their order; a failed item does not affect the others.

        Items of one conversation are appended one after another, conversations concurrently. A task is needed only for several items of
        one conversation and for items without a conversation: hundreds of messages a second arrive in batches of hundreds.
        """
        rows: dict[str, list[int]] = {}
        for position, item in enumerate(items):
            rows.setdefault(item.conversation_id or item.command.by.id, []).append(position)
        single = [row[0] for row in rows.values() if len(row) == 1 and items[row[0]].conversation_id]
        outcomes: dict[int, Outcome] = {}
        async with asyncio.TaskGroup() as group:
            for row in rows.values():
                if len(row) > 1 or not items[row[0]].conversation_id:
                    group.create_task(self._append_row(items, row, outcomes))
            now_s = time.monotonic()
            requests = [
                AppendRequest(item.conversation_id, item.command, item.origin, now_s)
                for item in map(items.__getitem__, single)
            ]
            outcomes.update(zip(single, await self._appender.append_each(requests), strict=True))
        return [outcomes[position] for position in range(len(items))]

    async def _append_row(self, items: Sequence[TextItem], row: Sequence[int], outcomes: dict[int, Outcome]) -> None:
        for position in row:
            try:
                outcomes[position] = await self._append_item(items[position])
            except Exception as error:  # noqa: BLE001 - it is the outcome of this item alone
                outcomes[position] = error

    async def _append_item(self, item: TextItem) -> Appended:
        if item.conversation_id:
            return await self._appender.append(item.conversation_id, item.command, item.origin)
        if not may_open_with(item.command):
            raise Refused(Code.INVALID, "conversation: may be empty for messages of visitors only.")
        appended = await self._opener.append(item.command, item.place, item.origin)
        await self._post_commit.projected(appended.state.id)
        return appended

    async def start(self, site: str, visitor: Person, by: Person, place: GeoPlace) -> tuple[State, bool]:
        """The visitor's open conversation, and True if it existed. A waiting one is assigned to the agent that starts it."""
        if not may_start(visitor, by):
            raise Refused(Code.FORBIDDEN, "A visitor can start only their own conversation.")
        opened = await self._opener.open_for(site, visitor, by, place)
        state = opened.state
        if by.kind == "agent":
            try:
                state = await self._append(state.id, Accept(site, by))
            except Refused as refused:
                if refused.code is not Code.ALREADY_ASSIGNED:
                    raise
                state = await self._queries.state(state.id)
        await self._post_commit.projected(state.id)
        return state, not opened.is_new

    async def accept(self, site: str, conversation_id: str, by: Person) -> State:
        """Assigns a waiting conversation to `by`."""
        return await self._append(conversation_id, Accept(site, by))

    async def close(self, site: str, conversation_id: str, by: Person, *, any_assignee: bool) -> State:
        """Ends the conversation."""
        return await self._append(conversation_id, Close(site, by, any_assignee))

    async def release(self, site: str, conversation_id: str, by: Person) -> State:
        """Puts the conversation of `by` back into the queue."""
        return await self._append(conversation_id, Release(site, by))

    async def take_over(self, site: str, conversation_id: str, by: Person, *, any_assignee: bool) -> State:
        """Assigns the conversation of another agent to `by`."""
        return await self._append(conversation_id, TakeOver(site, by, any_assignee))

    async def set_flagged(self, site: str, conversation_id: str, flagged: bool) -> ConversationRecord:
        """Sets or clears the flag for review."""
        if not await self._store.set_flagged(site, conversation_id, flagged):
            raise not_found()
        return await self._queries.record(conversation_id)

    async def _append(self, conversation_id: str, command: Command) -> State:
        appended = await self._appender.append(conversation_id, command)
        if appended.entry is not None:
            self._log.info("conversation changed", conversation=conversation_id, kind=appended.entry.kind)
        await self._post_commit.projected(conversation_id)
        return appended.state
