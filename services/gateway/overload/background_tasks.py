"""Work that nobody waits for: kept alive, its failures logged, ended with the process."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from kit.runtime.cancellation import being_cancelled
from kit.runtime.logs import Log

# A loop that fails at once, again and again, shall not take the processor with it.
AGAIN_S = 1.0


class BackgroundTasks:
    """Holds the tasks that it started until they are done."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._running: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work`; what it raises is logged and ends nothing else."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)

    async def stop(self) -> None:
        """Cancels what still runs and waits for it."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("a task failed", error=repr(error), exc_info=error)


async def run_forever(loop: Callable[[], Awaitable[None]], log: Log) -> None:
    """Runs an endless loop, and runs it again when it fails: a fault in one must not end every socket of the process."""
    while True:
        try:
            await loop()
        except asyncio.CancelledError:
            if being_cancelled():
                raise
            log.warning("a loop was cancelled by what it waited for", loop=repr(loop))
        except Exception:
            log.exception("a loop failed", loop=repr(loop))
        await asyncio.sleep(AGAIN_S)
