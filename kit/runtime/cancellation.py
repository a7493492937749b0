"""Distinguishes a cancellation of this task from a CancelledError that a library raises when its connection closes."""

import asyncio


def being_cancelled() -> bool:
    """True when the current task was asked to end. A library that cancels waits on a lost connection reports a failure instead."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
