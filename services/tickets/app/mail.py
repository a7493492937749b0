"""Sends mails: each one is stored first, tried at once, and tried again later by any process.

Invariants: a mail is in the database before its first try, so a kill loses none. Its id makes it one mail, whatever is repeated. A
process that ends between the server's acceptance and the write leaves the mail to its lease: it may arrive twice, with one Message-ID.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from kit.codes import Code, Refused
from kit.failpoints import Failpoints
from kit.runtime.logs import Log
from services.tickets.domain.mail import MAX_WAITING, Content, Mail, TryResult, after_try, claim, new_mail
from services.tickets.metrics import Metrics
from services.tickets.ports import MailRecords, MailServer

# Of this process at once. Further mails wait in the database.
MAX_TRIES = 8
# Shorter than the time-out of the caller.
FIRST_TRY_S = 2.0
# Shorter than the longest call.
TEST_S = 8.0
SWEEP_EVERY_S = 2.0
FULL_RETRY_MS = 60_000


class MailQueue:
    """`server` is None without a mail server: nothing is sent, and waiting mails end with their time. `run` must be running."""

    def __init__(
        self,
        records: MailRecords,
        server: MailServer | None,
        *,
        new_id: Callable[[], str],
        now: Callable[[], int],
        metrics: Metrics,
        failpoints: Failpoints,
        log: Log,
        sweep_every_s: float = SWEEP_EVERY_S,
    ) -> None:
        self._records = records
        self._server = server
        self._new_id = new_id
        self._now = now
        self._metrics = metrics
        self._log = log
        self._sweep_every_s = sweep_every_s
        self._tries: set[asyncio.Task[Mail]] = set()
        self._kept = 0
        self._deliver: Callable[[Mail], Awaitable[TryResult]] = failpoints.around(
            self._hand_over, before="mail.before_send", after="mail.after_send"
        )

    @property
    def sender(self) -> str:
        """The address in `From`; empty without a mail server."""
        return self._server.sender if self._server else ""

    async def waiting(self, site: str) -> int:
        return await self._records.waiting(site, MAX_WAITING)

    async def send(self, mail_id: str, site: str, content: Content, until_ms: int) -> Mail | None:
        """The mail after its first try, or in the queue when that takes longer; None without a mail server.

        Refused(overloaded) when too many mails of the site wait, Refused(conflict) when another site has the id.
        """
        if self._server is None:
            return None
        mail = new_mail(mail_id, site, content, until_ms, self._now())
        found = await self._records.get(mail_id)
        if found is None:
            if await self.waiting(site) >= MAX_WAITING:
                raise Refused(Code.OVERLOADED, "Too many mails of this site wait.", FULL_RETRY_MS)
            accepted = await self._accept(mail)
            if accepted is not None:
                return accepted
            found = await self._records.get(mail_id)
        if found is None or found.site != site:
            raise Refused(Code.CONFLICT, "Another mail has this id.")
        return found

    async def test(self, content: Content) -> TryResult | None:
        """One try of a mail that is not stored; None without a mail server."""
        if self._server is None:
            return None
        try:
            async with asyncio.timeout(TEST_S):
                return await self._server.deliver(self._new_id(), self._now(), content)
        except TimeoutError:
            return TryResult("later", "connection", f"No answer in {TEST_S:.0f} s.")

    async def run(self) -> None:
        """Tries due mails, until cancelled. A try in progress is then left to its lease."""
        try:
            while True:
                try:
                    await self._sweep()
                except Refused as refused:
                    self._log.warning("mail sweep failed", error=str(refused.code))
                await asyncio.sleep(self._sweep_every_s)
        finally:
            for task in self._tries:
                task.cancel()

    async def finish(self) -> None:
        """Waits for the tries in progress. Call it at the end of the process."""
        if self._tries:
            await asyncio.wait(self._tries)

    async def _sweep(self) -> None:
        self._metrics.mail_age.set(await self._records.oldest_age_ms(self._now()) / 1000)
        free = MAX_TRIES - len(self._tries)
        for mail in await self._records.due(self._now(), free) if free else ():
            with self._place() as has_place:
                if not has_place:
                    return  # calls took it meanwhile
                await self._retry(mail)

    async def _retry(self, mail: Mail) -> None:
        claimed = claim(mail, self._now())
        if self._server is None and claimed.state == "queued":
            return
        if await self._records.replace(mail, claimed):
            if claimed.state == "queued":
                _ = self._start(claimed)
            else:
                self._count(claimed)

    async def _accept(self, mail: Mail) -> Mail | None:
        """The stored mail, after its first try where a place for one is free; None when its id is stored already."""
        with self._place() as has_place:
            first = claim(mail, self._now()) if has_place else mail
            if not await self._records.insert(first):
                return None
            if not has_place:
                return first
            task = self._start(first)
        await asyncio.wait((task,), timeout=FIRST_TRY_S)
        return task.result() if task.done() else first

    @contextmanager
    def _place(self) -> Iterator[bool]:
        """Keeps a place for one more try while the database is written; False when MAX_TRIES are in hand."""
        has_place = len(self._tries) + self._kept < MAX_TRIES
        self._kept += has_place
        try:
            yield has_place
        finally:
            self._kept -= has_place

    def _start(self, mail: Mail) -> asyncio.Task[Mail]:
        task = asyncio.create_task(self._try(mail))
        self._tries.add(task)
        task.add_done_callback(self._tries.discard)
        return task

    async def _try(self, mail: Mail) -> Mail:
        try:
            result = await self._deliver(mail)
            after = after_try(mail, result, self._now())
            await self._records.replace(mail, after)
        except Exception as error:  # noqa: BLE001 - such as the database: a process tries again at the end of the lease
            self._log.warning("mail left to its lease", mail=mail.id, error=type(error).__name__)
            return mail
        self._count(after)
        return after

    async def _hand_over(self, mail: Mail) -> TryResult:
        if self._server is None or mail.content is None:
            raise Refused(Code.INTERNAL, "A mail without a server or content is not tried.")
        return await self._server.deliver(mail.id, mail.created_at_ms, mail.content)

    def _count(self, mail: Mail) -> None:
        """Neither address nor text of a mail is logged; an answer may contain the address, so only its code is."""
        self._metrics.mails.labels(mail.state).inc()
        code = mail.answer[:3] if mail.answer[:3].isdecimal() else ""
        self._log.info("mail tried", mail=mail.id, state=mail.state, tries=mail.tries, fault=mail.fault, code=code)
