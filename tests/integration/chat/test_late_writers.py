"""A process that stood still between looking and writing (F5: SIGSTOP, then SIGCONT) does no harm when it goes on."""

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
from services.chat.metrics import Metrics
from services.chat.store.store import ChatStore
from tests.integration.chat.running_chat import SITE, Running, quiet_log, visitor

pytestmark = pytest.mark.slow

NOWHERE = GeoPlace("", "")


class HeldStore(ChatStore):
    """Stands still before it reserves a conversation."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, log=quiet_log())
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def reserve(self, state: State) -> bool:
        self.reached.set()
        await self.go_on.wait()
        return await super().reserve(state)


@pytest.fixture
async def held(mongodb_url: str, database_prefix: str) -> AsyncIterator[HeldStore]:
    client = connect(mongodb_url, app="held", registry=CollectorRegistry())
    yield HeldStore(client[f"{database_prefix}_chat"])
    client.close()


async def test_a_first_message_that_was_stored_meanwhile_is_not_stored_again(
    chat: Running, second: Running, held: HeldStore
) -> None:
    """I-2: by then it was sent again, answered by another process, and its chat is over."""
    vera = visitor()
    opener = ConversationOpener(
        held,
        chat.chat.folds,
        chat.chat.appender,
        chat.chat.projector,
        now=now_ms,
        new_id=new_id,
        log=quiet_log(),
        metrics=Metrics(CollectorRegistry()),
        failpoints=Failpoints((), registry=CollectorRegistry()),
    )
    command = Write(SITE, Person("visitor", vera.id), "message", "1", "Hello")
    late = asyncio.create_task(opener.write(command, NOWHERE, ""))
    await held.reached.wait()
    first = await second.say(vera, client_id="1")
    await second.close(first.conversation, vera)
    held.go_on.set()
    appended = await late
    assert appended.entry is not None
    assert (appended.duplicate, appended.entry.conversation, appended.entry.seq) == (True, first.conversation, 2)
    # What it had reserved shows to nobody, and is what the visitor's next message opens.
    assert len((await second.listed(visitor=vera.id)).conversations) == 1
    following = await second.say(vera, client_id="2")
    assert (following.seq, following.conversation != first.conversation) == (2, True)
    assert len((await second.listed(visitor=vera.id)).conversations) == 2
