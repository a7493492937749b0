"""A process that was stopped between a read and a write (fault F5: SIGSTOP, then SIGCONT) does no harm when it continues."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry

from kit.failpoints import Failpoints
from kit.ids import new_id, now_ms
from kit.mongo import Database, connect
from services.chat.app.open_conversation import ConversationOpener, GeoPlace
from services.chat.domain.commands import Write
from services.chat.domain.log import Person, State
from services.chat.domain.start_limit import StartLimit
from services.chat.metrics import Metrics
from services.chat.store.store import ChatStore
from tests.integration.chat.running_chat import SITE, Running, quiet_log, visitor

pytestmark = pytest.mark.slow

NO_PLACE = GeoPlace("", "")


class BlockedStore(ChatStore):
    """Blocks before it reserves a conversation, until `released`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, log=quiet_log())
        self.reached = asyncio.Event()
        self.released = asyncio.Event()

    async def reserve(self, state: State) -> bool:
        self.reached.set()
        await self.released.wait()
        return await super().reserve(state)


@pytest.fixture
async def blocked(mongodb_url: str, database_prefix: str) -> AsyncIterator[BlockedStore]:
    client = connect(mongodb_url, app="blocked", registry=CollectorRegistry())
    yield BlockedStore(client[f"{database_prefix}_chat"])
    client.close()


async def test_a_late_process_does_not_store_a_first_message_that_another_stored(
    chat: Running, second: Running, blocked: BlockedStore
) -> None:
    """Requirement I-2. Meanwhile the message was sent again, another process appended it, and its conversation was closed."""
    vera = visitor()
    opener = ConversationOpener(
        blocked,
        chat.chat.state_cache,
        chat.chat.appender,
        chat.chat.projection,
        start_limit=StartLimit(10),
        now=now_ms,
        new_id=new_id,
        log=quiet_log(),
        metrics=Metrics(CollectorRegistry()),
        failpoints=Failpoints((), registry=CollectorRegistry()),
    )
    command = Write(SITE, Person("visitor", vera.id), "message", "1", "Hello")
    late = asyncio.create_task(opener.append(command, NO_PLACE, ""))
    await blocked.reached.wait()
    first = await second.write(vera, client_id="1")
    await second.close(first.conversation, vera)
    blocked.released.set()
    appended = await late
    assert appended.entry is not None
    assert (appended.duplicate, appended.entry.conversation_id, appended.entry.seq) == (True, first.conversation, 2)
    # No reader sees the reserved conversation; the visitor's next message opens it.
    assert len((await second.list_conversations(visitor=vera.id)).conversations) == 1
    following = await second.write(vera, client_id="2")
    assert (following.seq, following.conversation != first.conversation) == (2, True)
    assert len((await second.list_conversations(visitor=vera.id)).conversations) == 2
