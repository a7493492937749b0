"""Load on a stack: clients that talk and clients that read at different speeds; at the end the ledger is checked."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.checking import Finding, Stored, check, longest_delay, tickets_are_whole
from tests.faults.ledger import Acked, Invoked, Ledger, Reader
from tests.faults.page import LATE, RESTLESS, SLOW, STEADY, Habit, Page
from tests.faults.product_tab import ProductTab, bundle
from tests.faults.stored import Head, read_heads, read_keys, read_stored
from tests.faults.talks import Talk
from tests.support.protocol_client import Browser

AGENTS = ("agent@palique.test", "agent2@palique.test")
# Each conversation has two readers besides its two writers; readers are assigned round robin.
HABITS = (RESTLESS, SLOW, LATE, STEADY)
# The share of visitors with an additional tab of the product's client, which is a process of its own.
PRODUCT_TABS = 4
# After the last fault a write is answered within its retries, and readers are complete within half a minute.
ANSWERED_S = 90.0
WHOLE_S = 30.0
LOOK_S = 0.25


@dataclass(frozen=True)
class Verdict:
    """The result of a run. Times are in seconds."""

    findings: list[Finding]
    messages: int
    acknowledged: int
    duplicates: int
    conversations: int
    reconnects: int
    longest_delay_s: float
    whole_after_s: float
    # The reader and entry of the longest delay.
    slowest: str


class Load:
    """`talks` conversations at a time; each person writes every `pause_s` on average. Created by `load_on`."""

    def __init__(
        self,
        gateways: Sequence[str],
        mongodb_url: str,
        *,
        talks: int,
        pause_s: float,
        seed: int,
        agents: Sequence[str],
        password: str,
    ) -> None:
        self.ledger = Ledger(time.monotonic)
        self.pages: list[Page] = []
        self.tabs: list[ProductTab] = []
        self._gateways = gateways
        self._mongodb_url = mongodb_url
        self._number = talks
        self._pause_s = pause_s
        self._emails = agents
        self._password = password
        self._dice = random.Random(seed)
        self._stopping = asyncio.Event()
        self._talks: list[Talk] = []
        self._reading: list[asyncio.Task[None]] = []
        self._talking: list[asyncio.Task[None]] = []
        self._visitors: set[str] = set()
        self._behind: list[str] = []
        # Conversations that earlier runs left open and that agents get too.
        self._earlier: set[str] = set()

    async def begin(self, until_gone: AsyncExitStack) -> None:
        """Connects all clients and starts the conversations."""
        self._earlier = await read_keys(self._mongodb_url)
        agents = [await self._agent(email, until_gone) for email in self._emails]
        program = bundle(Path(until_gone.enter_context(TemporaryDirectory(prefix="palique-tab-"))))
        for number in range(self._number):
            browser = await until_gone.enter_async_context(Browser(self._gateways[number % len(self._gateways)]))
            await browser.visit()
            visitor = self._page(f"visitor {number}", browser, STEADY)
            for tab in (0, 1):
                habit = HABITS[(2 * number + tab) % len(HABITS)]
                self._page(f"visitor {number} tab {tab}", browser, habit)
            if number % PRODUCT_TABS == 0:
                self._add_product_tab(f"visitor {number} widget", browser, program)
            agent = agents[number % len(agents)]
            self._talks.append(Talk(visitor, agent, self._stopping, self._pause_s, self._new_dice()))
        self._reading = [asyncio.create_task(reader.run()) for reader in self._readers()]
        self._talking = [asyncio.create_task(talk.run()) for talk in self._talks]

    @property
    def acknowledged(self) -> int:
        return self.ledger.count(Acked)

    def check_alive(self) -> None:
        """Raises the exception of a failed client: a defect of the bench or an answer outside of the protocol."""
        for task in (*self._reading, *self._talking):
            if task.done():
                task.result()

    async def judge(self) -> Verdict:
        """Ends the conversations, waits until all readers are complete, and checks the ledger. All faults must be over."""
        self._stopping.set()
        others = await self._answered()
        for reader in self._readers():
            reader.stay()
        whole_after_s = await self._whole()
        if whole_after_s >= WHOLE_S:
            others.append(Finding("readers_are_whole_in_time", f"{self._behind} after {WHOLE_S} s"))
        stored = await self._complete_logs()
        self.ledger.forget(self._earlier)
        longest = longest_delay(self.ledger)
        acks = [event for _, event in self.ledger.events if isinstance(event, Acked)]
        return Verdict(
            findings=[*others, *check(self.ledger, stored)],
            messages=self.ledger.count(Invoked),
            acknowledged=len(acks),
            duplicates=sum(ack.duplicate for ack in acks),
            conversations=len(stored),
            reconnects=sum(max(0, reader.connects - 1) for reader in self._readers()),
            longest_delay_s=round(longest.seconds, 2),
            whole_after_s=round(whole_after_s, 2),
            slowest=f"{longest.reader}: {longest.line}",
        )

    async def leave(self) -> None:
        """Disconnects all clients."""
        for task in (*self._talking, *self._reading):
            task.cancel()
        await asyncio.gather(*self._talking, *self._reading, return_exceptions=True)

    async def _agent(self, email: str, until_gone: AsyncExitStack) -> Page:
        browser = await until_gone.enter_async_context(Browser(self._gateways[0]))
        await browser.sign_in(email, self._password)
        me = (await browser.http.get("/api/v1/me")).raise_for_status().json()
        return self._page(email, browser, STEADY, agent=me["agent"])

    def _page(self, name: str, browser: Browser, habit: Habit, agent: str = "") -> Page:
        person = agent or browser.visitor or ""
        if not agent:
            self._visitors.add(person)
        reader = Reader(name, person, is_agent=bool(agent), steady=habit.is_steady)
        self.pages.append(Page(reader, browser, self.ledger, self._gateways, habit, self._new_dice()))
        return self.pages[-1]

    def _add_product_tab(self, name: str, browser: Browser, program: Path) -> None:
        reader = Reader(name, browser.visitor or "", is_agent=False)
        self.tabs.append(ProductTab(reader, browser, self.ledger, self._gateways, program))

    def _readers(self) -> list[Page | ProductTab]:
        return [*self.pages, *self.tabs]

    def _new_dice(self) -> random.Random:
        return random.Random(self._dice.getrandbits(64))

    def _tickets(self) -> dict[str, str]:
        return {conversation: ticket for talk in self._talks for conversation, ticket in talk.tickets.items()}

    async def _answered(self) -> list[Finding]:
        done, waiting = await asyncio.wait(self._talking, timeout=ANSWERED_S)
        for task in done:
            task.result()
        return [Finding("everything_is_answered", f"{len(waiting)} talks wait for an answer")] if waiting else []

    async def _whole(self) -> float:
        """The time until every client showed every log up to its head."""
        began = time.monotonic()
        heads = await read_heads(self._mongodb_url, self._visitors)
        while True:
            took = time.monotonic() - began
            shown = [(reader.reader.name, _behind(reader, heads)) for reader in self._readers()]
            self._behind = [f"{name}: {found}" for name, found in shown if found]
            if took >= WHOLE_S or not self._behind:
                return took
            self.check_alive_readers()
            await asyncio.sleep(LOOK_S)

    async def _complete_logs(self) -> list[Stored]:
        """The logs and their tickets; tickets follow by facts, and after a lost fact by the sweeper."""
        began = time.monotonic()
        while True:
            stored = await read_stored(self._mongodb_url, self._visitors, self.pages[0], self._tickets())
            if tickets_are_whole(stored) or time.monotonic() - began >= WHOLE_S:
                return stored
            await asyncio.sleep(LOOK_S)

    def check_alive_readers(self) -> None:
        for task in self._reading:
            if task.done():
                task.result()


def _behind(page: Page | ProductTab, heads: Sequence[Head]) -> list[str]:
    """Conversations that a client does not show up to the head: of those that it shows, and a visitor's newest one."""
    newest = {head.visitor: head.conversation for head in heads}.get(page.reader.person)
    shown = {conversation: copy.last for conversation, copy in page.logs.items()}
    return [
        f"{shown.get(head.conversation, 0)} of {head.head} of {head.conversation}"
        for head in heads
        if (head.conversation in shown or head.conversation == newest) and shown.get(head.conversation, 0) < head.head
    ]


@asynccontextmanager
async def load_on(
    gateways: Sequence[str],
    mongodb_url: str,
    *,
    talks: int = 8,
    pause_s: float = 0.5,
    seed: int = 1,
    agents: Sequence[str] = AGENTS,
    password: str = "palique-demo",
) -> AsyncIterator[Load]:
    """A load that runs while the block runs. `password` is that of the agents."""
    load = Load(gateways, mongodb_url, talks=talks, pause_s=pause_s, seed=seed, agents=agents, password=password)
    async with AsyncExitStack() as until_gone:
        await load.begin(until_gone)
        try:
            yield load
        finally:
            await load.leave()
