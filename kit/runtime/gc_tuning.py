"""Garbage collector thresholds: rare collections, and none of the objects that a process starts with.

Reference counts free nearly all garbage at once; a full collection stops the event loop for as long as it takes.
"""

import gc

# A collection costs half a microsecond an object. Young: 5 ms; the threshold must exceed the objects of all work in progress, else they are
# examined before reference counts free them. Middle: 20 ms (with 20,000 and 20, a flood of connections stopped the loop for 0.2 s).
# Full: 0.4 s at 5,000 sockets, once in some two hundred million new objects.
THRESHOLDS = (10_000, 3, 5_000)


def freeze_gc() -> None:
    """Excludes all existing objects from collection. Call it once, when the process is built."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
