"""Telling our own cancellation from one that a library throws at whoever waits for it."""

import asyncio


def being_cancelled() -> bool:
    """Whether the current task was asked to end. Libraries cancel what waits on a connection that goes: that is a failure, no order."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
