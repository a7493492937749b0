"""Background tasks: held until done, their failures logged, cancelled with the process."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

from kit.runtime.cancellation import being_cancelled
from kit.runtime.logs import Log

# A pause, so that a loop that keeps failing does not use a whole processor.
RESTART_S = 1.0


class BackgroundTasks:
    """Holds the tasks that it starts until they are done."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._running: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[object, None, None]) -> None:
        """Runs `work` as a task. An exception of it is logged and ends nothing else."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)

    async def stop(self) -> None:
        """Cancels the running tasks and waits for them."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("background task failed", error=repr(error), exc_info=error)


async def run_forever(loop: Callable[[], Awaitable[None]], log: Log) -> None:
    """Runs an endless loop and restarts it when it fails: a fault in one loop must not end every socket of the process."""
    while True:
        try:
            await loop()
        except asyncio.CancelledError:
            if being_cancelled():
                raise
            log.warning("background loop cancelled by an awaited task", loop=repr(loop))
        except Exception:
            log.exception("background loop failed", loop=repr(loop))
        await asyncio.sleep(RESTART_S)
